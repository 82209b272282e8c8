import { type Layer, readLayer } from '../templates/layers.ts'

/** Marks all that belongs to a project: every resource that can carry a tag has it from its stack. */
export const PROJECT_TAG = 'roadpulse:project'

export const stackNameOf = (project: string, layer: Layer) => `${project}-${layer}`

/** What is wrong with the name of a project, in the words of the templates. */
export function projectFaults(project: string): string[] {
  const { AllowedPattern = '', ConstraintDescription = '' } = readLayer('data').Parameters?.Project ?? {}
  if (new RegExp(AllowedPattern).test(project)) return []
  return [`--project: got "${project}", expected ${ConstraintDescription}`]
}
