import type { S3Client } from '@aws-sdk/client-s3'

/** An S3 with one object, as far as the producer reads it: HEAD, GETs, and ranged ones that ask for its etag. */
export function createMemoryS3(
  content: Buffer | string,
  options: {
    etag?: string
    changedFrom?: number
    /** A reply has no more bytes than this. */
    replyBytes?: () => number
  } = {},
) {
  const { etag = '"1"', changedFrom = Number.POSITIVE_INFINITY, replyBytes = () => Infinity } = options
  const bytes = Buffer.from(content)
  const ranges: string[] = []
  async function send({ input }: { input: { Range?: string; IfMatch?: string } }) {
    const isHead = input.Range === undefined && input.IfMatch === undefined
    if (isHead) return { ETag: etag, ContentLength: bytes.length }
    const range = input.Range ?? `bytes=0-${bytes.length - 1}`
    const [from = 0, to = 0] = range.slice('bytes='.length).split('-').map(Number)
    if (input.IfMatch !== etag || from >= changedFrom) {
      throw Object.assign(new Error('changed'), { $metadata: { httpStatusCode: 412 } })
    }
    ranges.push(range)
    return {
      Body: { transformToByteArray: async () => bytes.subarray(from, Math.min(to + 1, from + replyBytes())) },
    }
  }
  return { s3: { send } as unknown as S3Client, ranges }
}
