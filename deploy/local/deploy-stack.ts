import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { RoadpulseError } from '../../lib/errors.ts'
import { createChangeSet, executeChangeSet } from '../aws/change-set.ts'
import { stackStep } from '../aws/stack-step.ts'
import { findStack, type Stacks } from '../aws/stacks.ts'
import { leaveOut } from '../templates/leave-out.ts'
import { presentResources } from '../templates/resolve.ts'
import type { Template } from '../templates/template.ts'
import { STAND_IN_GAPS } from './stand-in-gaps.ts'

const POLL_MS = 50

export type DeployedStack = {
  outputs: Record<string, string>
  /** It was not there before. */
  isNew: boolean
  /** What AWS would have made here, and the stand-in cannot. */
  leftOut: string[]
}

/** Deploys a template into the stand-in, less what that does not know. A stack that is there already stays as it is. */
export async function deployStack(
  client: CloudFormationClient,
  wanted: { name: string; template: Template; parameters: Record<string, string> },
): Promise<DeployedStack> {
  const stacks: Stacks = { client, pollMs: POLL_MS, onEvent: () => undefined }
  const { template, leftOut } = leaveOut(wanted.template, STAND_IN_GAPS)
  const present = presentResources(wanted.template, wanted.parameters)
  const existing = await findStack(stacks, wanted.name)
  if (existing !== undefined && stackStep(existing) !== 'update') {
    const state = `${existing.StackStatus}: ${existing.StackStatusReason ?? 'no reason given'}`
    throw new RoadpulseError('PART_FAILED', `the stack ${wanted.name} cannot be used (${state})`)
  }
  let stack = existing
  if (existing === undefined) {
    const changeSet = await createChangeSet(stacks, {
      name: wanted.name,
      template: { TemplateBody: JSON.stringify(template) },
      parameters: Object.entries(wanted.parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      tags: [],
    })
    if (changeSet !== undefined) stack = await executeChangeSet(stacks, changeSet)
  }
  const outputs = (stack?.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? ''])
  return {
    outputs: Object.fromEntries(outputs) as Record<string, string>,
    isNew: existing === undefined,
    leftOut: leftOut.filter((name) => present.includes(name)),
  }
}
