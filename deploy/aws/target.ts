import { packageFlinkJob } from '../local/build-flink-job.ts'
import { Tools } from '../local/tools.ts'
import { type GlueArtifacts, glueArtifacts, jarArtifact } from './artifacts.ts'
import type { DeployOptions } from './deploy-options.ts'
import { type DeployedLayers, effectiveParameters } from './plan-parameters.ts'
import type { Artifact } from './upload-artifact.ts'

const LOG_FOLDER = '.roadpulse/logs'

/** Everything that is known before anything is changed. */
export type Target = {
  jar: Artifact
  glue: GlueArtifacts | undefined
  imageTag: string
  /** Parameters that get a value now. */
  chosen: Record<string, string>
  /** What all parameters will be. */
  values: Record<string, string>
}

/** What is to be deployed: artifacts of this working copy, and the parameters that name them. */
export async function chooseTarget(
  options: DeployOptions,
  imageTag: string,
  deployed: DeployedLayers,
  say: (line: string) => void,
): Promise<Target> {
  const tools = new Tools()
  const file = options.jar ?? (await packageFlinkJob({ logFolder: LOG_FOLDER, onProgress: say, tools }))
  const jar = jarArtifact(file)
  const glue = glueArtifacts()
  const chosen = {
    ...options.parameters,
    Project: options.project,
    JarKey: jar.key,
    ImageTag: imageTag,
    ...(glue === undefined ? {} : { ScriptKey: glue.script.key, LibraryKey: glue.library.key }),
  }
  return { jar, glue, imageTag, chosen, values: effectiveParameters(chosen, deployed) }
}
