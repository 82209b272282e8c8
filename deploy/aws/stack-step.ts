import type { Stack } from '@aws-sdk/client-cloudformation'

/**
 * What has to be done before a stack can be what it should be: `create` it, `update` it, `wait` until CloudFormation is
 * through with it, `remake` it because its first creation failed and nothing can be done with what is left, or nothing
 * at all, because somebody has to look at it first.
 */
export type StackStep = 'create' | 'update' | 'wait' | 'remake' | 'stuck'

const STEPS: Record<string, StackStep> = {
  // Only a change set: somebody looked at what would be created.
  REVIEW_IN_PROGRESS: 'create',
  CREATE_COMPLETE: 'update',
  UPDATE_COMPLETE: 'update',
  UPDATE_ROLLBACK_COMPLETE: 'update',
  IMPORT_COMPLETE: 'update',
  IMPORT_ROLLBACK_COMPLETE: 'update',
  ROLLBACK_COMPLETE: 'remake',
  ROLLBACK_FAILED: 'remake',
  CREATE_FAILED: 'remake',
  DELETE_FAILED: 'remake',
}

export function stackStep(stack: Stack | undefined): StackStep {
  if (stack?.StackStatus === undefined) return 'create'
  const known = STEPS[stack.StackStatus]
  if (known !== undefined) return known
  return stack.StackStatus.endsWith('_IN_PROGRESS') ? 'wait' : 'stuck'
}

/** What a person has to do about a stack that is stuck. */
export function adviceFor({ StackName: name, StackStatus: status }: Stack): string {
  return (
    `the stack ${name} is ${status}: CloudFormation could not go back after a failed update. Mend what its events name, ` +
    `then run \`aws cloudformation continue-update-rollback --stack-name ${name}\`, and this again`
  )
}
