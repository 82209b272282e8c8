import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type RecordingProxy = {
  endpoint: string
  /** The permissions that the calls so far would have needed: `glue:GetTable`, `s3:GetObject roadpulse-raw-...`. */
  needed: ReadonlySet<string>
}

/** Stands between a program and the stand-in of AWS, and notes what it may be allowed to do and no more. */
export async function startRecordingProxy(t: Test, target: string): Promise<RecordingProxy> {
  const needed = new Set<string>()
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming
    needed.add(permissionOf(method, url, headers['x-amz-target']))
    const outgoing = request(`${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    outgoing.once('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close().closeAllConnections())
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, needed }
}

/** What IAM asks for a call of Glue, which names itself, or of S3, in whose path the bucket comes first. */
function permissionOf(method: string, url: string, target: string | string[] | undefined): string {
  const [, call] = /^AWSGlue\.(\w+)$/.exec(String(target)) ?? []
  if (call !== undefined) return `glue:${call}`
  const { pathname, searchParams } = new URL(url, 'http://s3')
  const [, bucket = '', ...key] = pathname.split('/')
  if (searchParams.has('delete') || method === 'DELETE') return `s3:DeleteObject ${bucket}`
  if (method === 'PUT' || method === 'POST') return `s3:PutObject ${bucket}`
  return key.join('') === '' ? `s3:ListBucket ${bucket}` : `s3:GetObject ${bucket}`
}
