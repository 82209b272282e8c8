import {
  type CloudFormationClient,
  DescribeEventsCommand,
  type DescribeEventsCommandInput,
  type OperationEvent,
} from '@aws-sdk/client-cloudformation'

/**
 * What CloudFormation found wrong before it made anything, such as a name that is taken. It tells only who asks for it,
 * of a stack or of a change set.
 */
export async function validationErrors(
  client: CloudFormationClient,
  of: Pick<DescribeEventsCommandInput, 'StackName' | 'ChangeSetName'>,
): Promise<string[]> {
  const { OperationEvents = [] } = await client.send(
    new DescribeEventsCommand({ ...of, Filters: { FailedEvents: true } }),
  )
  const errors = OperationEvents.filter(({ EventType }) => EventType === 'VALIDATION_ERROR')
  const newest = errors.toSorted((a, b) => timeOf(b) - timeOf(a))[0]?.OperationId
  return errors
    .filter(({ OperationId }) => OperationId === newest)
    .map(
      ({ LogicalResourceId, ResourceType, ValidationStatusReason }) =>
        `${LogicalResourceId} (${ResourceType}): ${ValidationStatusReason}`,
    )
}

const timeOf = ({ Timestamp }: OperationEvent) => Timestamp?.getTime() ?? 0
