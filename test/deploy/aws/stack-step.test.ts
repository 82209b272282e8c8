import type { Stack } from '@aws-sdk/client-cloudformation'
import t from 'tap'
import { adviceFor, type StackStep, stackStep } from '../../../deploy/aws/stack-step.ts'

const STEPS: Record<string, StackStep> = {
  REVIEW_IN_PROGRESS: 'create',
  CREATE_IN_PROGRESS: 'wait',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'wait',
  DELETE_IN_PROGRESS: 'wait',
  CREATE_COMPLETE: 'update',
  UPDATE_COMPLETE: 'update',
  UPDATE_ROLLBACK_COMPLETE: 'update',
  ROLLBACK_COMPLETE: 'remake',
  DELETE_FAILED: 'remake',
  UPDATE_ROLLBACK_FAILED: 'stuck',
  UPDATE_FAILED: 'stuck',
}

t.test('a stack is updated that cannot be, or deleted although it works', (t) => {
  t.equal(stackStep(undefined), 'create')
  for (const [status, step] of Object.entries(STEPS))
    t.equal(stackStep({ StackStatus: status } as Stack), step, status)
  t.end()
})

t.test('who has a stack that is stuck is not told how to free it', (t) => {
  const stack = { StackName: 'roadpulse-fleet', StackStatus: 'UPDATE_ROLLBACK_FAILED' } as Stack
  t.match(adviceFor(stack), 'aws cloudformation continue-update-rollback --stack-name roadpulse-fleet')
  t.end()
})
