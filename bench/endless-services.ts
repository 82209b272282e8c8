import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readSourceCsv } from './source-rows.ts'

/**
 * An S3 with one object of any size, the rows of the bench again and again, and a Kinesis that takes everything and keeps
 * nothing. A process of its own, so that what it needs is not measured. Says its port and the object's rows on standard
 * output, as one line of JSON.
 */

const LF = 10
const csv = await readSourceCsv()
const header = csv.subarray(0, csv.indexOf(LF) + 1)
const block = csv.subarray(header.length)
const blocks = Math.ceil(Number(process.env['OBJECT_BYTES']) / block.length)
const size = header.length + blocks * block.length

/** Bytes `from` up to `to`, exclusive. */
function bytesOf(from: number, to: number): Buffer {
  const parts: Buffer[] = []
  for (let at = from; at < to; ) {
    const inBlock = at - header.length
    const part =
      inBlock < 0
        ? header.subarray(at, to)
        : block.subarray(inBlock % block.length, (inBlock % block.length) + to - at)
    parts.push(part)
    at += part.length
  }
  return Buffer.concat(parts)
}

function answerS3(request: IncomingMessage, response: ServerResponse): void {
  const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')
  response.setHeader('etag', '"1"')
  request.resume()
  if (range === null) {
    response.setHeader('content-length', request.method === 'HEAD' ? size : 0)
    response.end()
    return
  }
  const bytes = bytesOf(Number(range[1]), Math.min(Number(range[2]) + 1, size))
  response.writeHead(206, { 'content-length': bytes.length })
  response.end(bytes)
}

async function answerKinesis(operation: string, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  response.setHeader('content-type', 'application/x-amz-json-1.1')
  response.end(JSON.stringify(kinesisAnswer(operation, Buffer.concat(chunks))))
}

function kinesisAnswer(operation: string, body: Buffer): object {
  if (operation === 'PutRecords') {
    const { Records } = JSON.parse(body.toString()) as { Records: unknown[] }
    const taken = { SequenceNumber: '1', ShardId: 'shardId-000000000000' }
    return { FailedRecordCount: 0, Records: Records.map(() => taken) }
  }
  if (operation === 'ListShards') {
    const range = { StartingHashKey: '0', EndingHashKey: `${2n ** 128n - 1n}` }
    return {
      Shards: [
        {
          ShardId: 'shardId-000000000000',
          HashKeyRange: range,
          SequenceNumberRange: { StartingSequenceNumber: '1' },
        },
      ],
    }
  }
  return { StreamDescriptionSummary: { StreamStatus: 'ACTIVE' } }
}

const server = createServer((request, response) => {
  const target = request.headers['x-amz-target']
  if (typeof target === 'string') void answerKinesis(target.split('.')[1] ?? '', request, response)
  else answerS3(request, response)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  const rows = blocks * block.filter((byte) => byte === LF).length
  console.log(JSON.stringify({ port, rows, bytes: size }))
})
