import { Problem } from './problems.ts'

const READ_DEADLINE_MS = 2_000

/** Commands to Redis wait while it is away; whoever asked over HTTP does not. */
export async function readInTime<T>(reading: Promise<T>, deadlineMs = READ_DEADLINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(dataUnavailable()), deadlineMs)
  })
  try {
    return await Promise.race([reading, deadline])
  } finally {
    clearTimeout(timer)
  }
}

export function dataUnavailable(): Problem {
  return new Problem('DATA_UNAVAILABLE', 'Redis does not answer; see /health/ready.', {
    retryAfterSeconds: 2,
  })
}
