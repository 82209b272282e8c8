import { randomUUID } from 'node:crypto'
import {
  type Change,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
  type Parameter,
  type ResourceChange,
  type Stack,
  type Tag,
} from '@aws-sdk/client-cloudformation'
import { RoadpulseError } from '../../lib/errors.ts'
import { poll } from './poll.ts'
import { findStack, followStack, type Stacks } from './stacks.ts'
import { validationErrors } from './validation-errors.ts'

const CHANGE_SET_DEADLINE_MS = 600_000

/** What a stack is to become. */
export type WantedStack = {
  name: string
  /** The template itself, or where in S3 it lies. */
  template: { TemplateBody: string } | { TemplateURL: string }
  parameters: Parameter[]
  tags: Tag[]
}

/** What CloudFormation would do, once it is told to. */
export type ChangeSet = {
  id: string
  stackName: string
  /** The stack is only there for the change set, and holds nothing. */
  isNewStack: boolean
  changes: ResourceChange[]
}

/**
 * Has CloudFormation work out what would change. Nothing when nothing would. Throws `PART_FAILED` with its reason when
 * it refuses the template or its parameters.
 */
export async function createChangeSet(stacks: Stacks, wanted: WantedStack): Promise<ChangeSet | undefined> {
  const existing = await findStack(stacks, wanted.name)
  const isNewStack = existing === undefined || existing.StackStatus === 'REVIEW_IN_PROGRESS'
  const { Id: id = '' } = await stacks.client.send(
    new CreateChangeSetCommand({
      StackName: wanted.name,
      ChangeSetName: `roadpulse-${randomUUID()}`,
      ChangeSetType: isNewStack ? 'CREATE' : 'UPDATE',
      ...wanted.template,
      Parameters: wanted.parameters,
      Tags: wanted.tags,
      Capabilities: ['CAPABILITY_IAM'],
    }),
  )
  const changeSet: ChangeSet = { id, stackName: wanted.name, isNewStack, changes: [] }
  const { status, reason, changes } = await describe(stacks, id)
  if (status === 'CREATE_COMPLETE') {
    return { ...changeSet, changes: changes.flatMap(({ ResourceChange: change }) => change ?? []) }
  }
  const isNothing = saysNothingChanges(reason)
  const errors = isNothing ? [] : await validationErrors(stacks.client, { ChangeSetName: id })
  await discardChangeSet(stacks, changeSet)
  if (isNothing) return undefined
  const reasons = [reason, ...errors].join('; ')
  throw new RoadpulseError('PART_FAILED', `CloudFormation refuses ${wanted.name}: ${reasons}`)
}

/** Takes a change set back, and the empty stack that was made for it. */
export async function discardChangeSet(stacks: Stacks, changeSet: ChangeSet): Promise<void> {
  await stacks.client.send(new DeleteChangeSetCommand({ ChangeSetName: changeSet.id }))
  if (!changeSet.isNewStack) return
  await stacks.client.send(new DeleteStackCommand({ StackName: changeSet.stackName }))
  await poll(`the empty stack ${changeSet.stackName} to go`, {
    everyMs: stacks.pollMs,
    deadlineMs: CHANGE_SET_DEADLINE_MS,
    probe: async () => (await findStack(stacks, changeSet.stackName)) === undefined || undefined,
  })
}

/** Has CloudFormation do it, and waits. Throws `PART_FAILED` with the reasons when it was rolled back. */
export async function executeChangeSet(stacks: Stacks, changeSet: ChangeSet): Promise<Stack> {
  const { stackName } = changeSet
  const { stack, failures } = await followStack(stacks, stackName, (ClientRequestToken) =>
    stacks.client.send(
      new ExecuteChangeSetCommand({
        ChangeSetName: changeSet.id,
        ClientRequestToken,
        // What a failed attempt has just made goes again, also what is otherwise retained: it is empty, and its name
        // would be in the way of the next attempt.
        RetainExceptOnCreate: true,
      }),
    ),
  )
  const status = stack?.StackStatus
  if (stack !== undefined && (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE')) return stack
  const causes =
    failures.length > 0 ? failures : await validationErrors(stacks.client, { StackName: stackName })
  const reasons = causes.join('; ') || stack?.StackStatusReason || 'no reason given'
  throw new RoadpulseError(
    'PART_FAILED',
    `the stack ${stackName} could not be deployed (${status}): ${reasons}`,
  )
}

async function describe(
  stacks: Stacks,
  id: string,
): Promise<{ status: string; reason: string; changes: Change[] }> {
  const changes: Change[] = []
  const probe = async () => {
    const answer = await stacks.client.send(new DescribeChangeSetCommand({ ChangeSetName: id }))
    const isPending = answer.Status?.startsWith('CREATE_') === true && answer.Status !== 'CREATE_COMPLETE'
    return isPending ? undefined : answer
  }
  const everyMs = stacks.pollMs
  let answer = await poll('a change set', { everyMs, deadlineMs: CHANGE_SET_DEADLINE_MS, probe })
  changes.push(...(answer.Changes ?? []))
  while (answer.NextToken !== undefined) {
    const { NextToken } = answer
    answer = await stacks.client.send(new DescribeChangeSetCommand({ ChangeSetName: id, NextToken }))
    changes.push(...(answer.Changes ?? []))
  }
  return { status: answer.Status ?? '', reason: answer.StatusReason ?? 'no reason given', changes }
}

/** CloudFormation has no code for it: a change set without changes fails, and only these words tell why. */
function saysNothingChanges(reason: string): boolean {
  return /didn't contain changes|No updates are to be performed/.test(reason)
}
