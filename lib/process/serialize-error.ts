const MAX_CAUSES = 5

export type LoggedError = {
  type: string
  message: string
  code?: string
  /** By which AWS knows the call. */
  awsRequestId?: string
  stack?: string
  cause?: LoggedError
}

/**
 * What is logged of an error: named fields and no others. Errors of clients carry what was sent with them, such as the
 * arguments of a command to Redis, and that is payload.
 */
export function serializeError(error: unknown, depth = 0): LoggedError | string {
  if (!(error instanceof Error)) return String(error)
  const { code, $metadata } = error as { code?: unknown; $metadata?: { requestId?: unknown } }
  const requestId = $metadata?.requestId
  const cause =
    error.cause === undefined || depth === MAX_CAUSES ? undefined : serializeError(error.cause, depth + 1)
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof requestId === 'string' ? { awsRequestId: requestId } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(cause === undefined
      ? {}
      : { cause: typeof cause === 'string' ? { type: 'other', message: cause } : cause }),
  }
}
