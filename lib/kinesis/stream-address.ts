/** A stream in a request to Kinesis. */
export type StreamAddress = { StreamName: string } | { StreamARN: string }

/** `stream` is a name, or the ARN of a stream, which may be in another account. */
export function streamAddress(stream: string): StreamAddress {
  return stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream }
}

/** The name alone: the same for all who read a stream, however each of them addresses it. */
export function streamName(stream: string): string {
  return stream.startsWith('arn:') ? stream.slice(stream.lastIndexOf('/') + 1) : stream
}
