import { randomUUID } from 'node:crypto'
import {
  type CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  type Stack,
  type StackEvent,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation'
import { RoadpulseError } from '../../lib/errors.ts'
import { poll } from './poll.ts'

/** The largest layer takes half an hour; who waits longer than this waits for something that will not come. */
const STACK_DEADLINE_MS = 2 * 3_600_000
const SHOWN_FAILURES = 5

/** Called with each change of a resource of a stack as it happens, the oldest first. */
export type OnStackEvent = (event: StackEvent) => void

/** What CloudFormation knows and does of stacks, by their name. */
export type Stacks = {
  client: CloudFormationClient
  /** How often it is asked what has become of something. */
  pollMs: number
  onEvent: OnStackEvent
}

/** Nothing when there is no such stack. */
export async function findStack({ client }: Stacks, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }))
    return Stacks?.[0]
  } catch (error) {
    // CloudFormation's answer for a stack that does not exist.
    if ((error as Error).name === 'ValidationError') return undefined
    throw error
  }
}

export async function listResources({ client }: Stacks, name: string): Promise<StackResourceSummary[]> {
  const found: StackResourceSummary[] = []
  for (
    let NextToken: string | undefined, isFirst = true;
    isFirst || NextToken !== undefined;
    isFirst = false
  ) {
    const page = await client.send(new ListStackResourcesCommand({ StackName: name, NextToken }))
    found.push(...(page.StackResourceSummaries ?? []))
    NextToken = page.NextToken
  }
  return found.filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE')
}

const isInProgress = (stack: Stack | undefined) => stack?.StackStatus?.endsWith('_IN_PROGRESS') === true

/**
 * Runs `operation`, which gets the token that marks its events, and follows the stack until CloudFormation is through
 * with it; without one, until it is through with what it is at. Returns the stack as it then is, or nothing when it is
 * gone, and why resources failed, the first cause first.
 */
export async function followStack(
  stacks: Stacks,
  name: string,
  operation?: (token: string) => Promise<unknown>,
): Promise<{ stack: Stack | undefined; failures: string[] }> {
  // By its identifier a stack can be asked for after it has been deleted.
  const id = (await findStack(stacks, name))?.StackId ?? name
  const seen = new Set((await listEvents(stacks, id, new Set())).map(({ EventId }) => EventId))
  const token = `roadpulse-${randomUUID()}`
  // Until its first event, the state of the stack is the one before.
  let hasBegun = operation === undefined
  const failures: string[] = []
  await operation?.(token)
  const { current } = await poll(`CloudFormation to be through with ${name}`, {
    everyMs: stacks.pollMs,
    deadlineMs: STACK_DEADLINE_MS,
    async probe() {
      const current = await findStack(stacks, id)
      for (const event of (await listEvents(stacks, id, seen)).toReversed()) {
        if (seen.has(event.EventId)) continue
        seen.add(event.EventId)
        hasBegun ||= event.ClientRequestToken === token
        stacks.onEvent(event)
        failures.push(...failureOf(event))
      }
      if (isGone(current)) return { current: undefined }
      return hasBegun && !isInProgress(current) ? { current } : undefined
    },
  })
  return { stack: current, failures: failures.slice(0, SHOWN_FAILURES) }
}

/** Deletes a stack. What its template retains stays. Throws `PART_FAILED` when something of it cannot be deleted. */
export async function deleteStack(stacks: Stacks, name: string): Promise<void> {
  const { stack, failures } = await followStack(stacks, name, (ClientRequestToken) =>
    stacks.client.send(new DeleteStackCommand({ StackName: name, ClientRequestToken })),
  )
  if (stack === undefined) return
  throw new RoadpulseError(
    'PART_FAILED',
    `the stack ${name} could not be deleted (${stack.StackStatus}): ${failures.join('; ') || stack.StackStatusReason}`,
  )
}

const isGone = (stack: Stack | undefined) => stack === undefined || stack.StackStatus === 'DELETE_COMPLETE'

function failureOf(event: StackEvent): string[] {
  const { ResourceStatus, ResourceStatusReason, LogicalResourceId, ResourceType } = event
  const isOfResource = ResourceType !== 'AWS::CloudFormation::Stack'
  if (!isOfResource || ResourceStatus?.endsWith('_FAILED') !== true) return []
  return [`${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason ?? 'no reason given'}`]
}

/**
 * The newest first, as CloudFormation gives them, down to the first page with one that was seen before; none of a stack
 * that is not there yet.
 */
async function listEvents(
  { client }: Stacks,
  name: string,
  seen: ReadonlySet<string | undefined>,
): Promise<StackEvent[]> {
  const events: StackEvent[] = []
  try {
    for (
      let NextToken: string | undefined, isFirst = true;
      isFirst || NextToken !== undefined;
      isFirst = false
    ) {
      const page = await client.send(new DescribeStackEventsCommand({ StackName: name, NextToken }))
      events.push(...(page.StackEvents ?? []))
      NextToken = page.StackEvents?.some(({ EventId }) => seen.has(EventId)) ? undefined : page.NextToken
    }
  } catch (error) {
    if ((error as Error).name !== 'ValidationError') throw error
  }
  return events
}
