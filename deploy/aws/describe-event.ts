import type { StackEvent } from '@aws-sdk/client-cloudformation'

/** One change of one resource, as a line; with its reason when it went wrong. */
export function describeEvent(event: StackEvent): string {
  const { StackName = '', ResourceStatus = '', ResourceType, LogicalResourceId, ResourceStatusReason } = event
  const layer = StackName.slice(StackName.lastIndexOf('-') + 1)
  const reason = ResourceStatus.endsWith('_FAILED') ? `: ${ResourceStatusReason}` : ''
  return `  ${layer.padEnd(14)} ${ResourceStatus.padEnd(20)} ${ResourceType} ${LogicalResourceId}${reason}`
}
