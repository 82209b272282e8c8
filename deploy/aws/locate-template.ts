import type { S3Client } from '@aws-sdk/client-s3'
import { RoadpulseError } from '../../lib/errors.ts'
import { STAND_IN_GAPS } from '../local/stand-in-gaps.ts'
import type { Layer } from '../templates/layers.ts'
import { leaveOut } from '../templates/leave-out.ts'
import type { Template } from '../templates/template.ts'
import type { WantedStack } from './change-set.ts'
import { nameByContent, uploadArtifact } from './upload-artifact.ts'

/** What CloudFormation takes without a bucket for it. */
export const INLINE_BYTES = 51_200

/** The template that is deployed, and what of it a stand-in does not get. */
export function forTarget(template: Template, isStandIn: boolean): { template: Template; leftOut: string[] } {
  return isStandIn ? leaveOut(template, STAND_IN_GAPS) : { template, leftOut: [] }
}

/**
 * A template as CloudFormation takes it: inline, or, when it has outgrown that, by way of the bucket of artifacts, which
 * is only there once the data layer is.
 */
export async function locateTemplate(
  layer: Layer,
  template: Template,
  bucket: { name: string | undefined; s3: S3Client; region: string; endpoint: string | undefined },
): Promise<WantedStack['template']> {
  const content = Buffer.from(JSON.stringify(template))
  if (content.length <= INLINE_BYTES) return { TemplateBody: content.toString() }
  if (bucket.name === undefined) {
    throw new RoadpulseError(
      'CONFIGURATION',
      `the template ${layer} has ${content.length} bytes: more than ${INLINE_BYTES} need the bucket of the data layer`,
    )
  }
  const artifact = nameByContent(`templates/${layer}`, '.json', content)
  await uploadArtifact(bucket.s3, bucket.name, artifact)
  const host = bucket.endpoint ?? `https://s3.${bucket.region}.amazonaws.com`
  return { TemplateURL: `${host}/${bucket.name}/${artifact.key}` }
}
