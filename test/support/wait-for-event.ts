/** The data of the first server-sent event of this name that fits. Throws when none has come within the deadline. */
export async function waitForEvent<T>(
  url: string,
  name: string,
  fits: (data: T) => boolean,
  { deadlineMs }: { deadlineMs: number },
): Promise<T> {
  const { body } = await fetch(url, { signal: AbortSignal.timeout(deadlineMs) })
  if (body === null) throw new Error(`${url} has no body`)
  let rest = ''
  let last: T | undefined
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split('\n\n')
      rest = frames.pop() ?? ''
      for (const frame of frames.filter((text) => text.startsWith(`event: ${name}\n`))) {
        last = JSON.parse(frame.slice(frame.indexOf('data: ') + 'data: '.length)) as T
        if (fits(last)) return last
      }
    }
  } catch (error) {
    throw new Error(`no event ${name} that fits; the last one: ${JSON.stringify(last)}`, { cause: error })
  }
  throw new Error(`${url} ended`)
}
