import { RoadpulseError } from '../errors.ts'

/** Throttling that AWS answers with a status of 400. */
const THROTTLING = new Set([
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ThrottlingException',
  'KMSThrottlingException',
  'SlowDown',
])

/** Whether the same request may succeed later: the service failed, throttled, or could not be reached. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof RoadpulseError) return error.retryable
  const status = statusOf(error)
  if (status !== undefined)
    return status < 400 || status >= 500 || status === 429 || THROTTLING.has(error.name)
  return error.name === 'TimeoutError' || ('code' in error && typeof error.code === 'string')
}

/** The HTTP status that an AWS service answered with; none when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } }).$metadata
  return metadata?.httpStatusCode
}
