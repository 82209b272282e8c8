import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DescribeStreamSummaryCommand, ListStreamConsumersCommand } from '@aws-sdk/client-kinesis'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { createConsumer } from '../../../lib/kinesis/consumer.ts'
import { createLeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { startMinistack, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

/** A way to a server that counts the calls to it and can break and refuse subscriptions. */
async function startSubscriptionBreaker(t: Test, target: string) {
  const subscriptions = new Set<ServerResponse>()
  const calls = new Map<string, number>()
  const breaker = { endpoint: '', isRefusing: false, subscriptions, calls, breakAll }
  function breakAll() {
    for (const response of subscriptions) response.destroy()
  }
  function handle(incoming: IncomingMessage, response: ServerResponse) {
    const action = String(incoming.headers['x-amz-target']).split('.')[1] ?? ''
    calls.set(action, (calls.get(action) ?? 0) + 1)
    if (action === 'SubscribeToShard') {
      if (breaker.isRefusing) {
        const type = 'ResourceInUseException'
        response.writeHead(400, { 'x-amzn-errortype': type, 'content-type': 'application/x-amz-json-1.1' })
        response.end(JSON.stringify({ __type: type, message: 'refused by the test' }))
        return
      }
      subscriptions.add(response)
    }
    const { method, headers, url } = incoming
    const outgoing = request(new URL(url ?? '/', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.destroy())
    response.on('close', () => {
      subscriptions.delete(response)
      outgoing.destroy()
    })
    incoming.pipe(outgoing)
  }
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  breaker.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return breaker
}

t.test(
  'records are lost, repeated or mixed up when fan-out breaks, is refused, and comes back',
  async (t) => {
    const [{ url }, ministack] = await Promise.all([startRedis(t), startMinistack(t)])
    const breaker = await startSubscriptionBreaker(t, ministack.endpoint)
    const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: breaker.endpoint })
    t.teardown(() => kinesis.destroy())
    const redis = new Redis(url)
    t.teardown(() => redis.disconnect())

    const name = 'fanned-out'
    await createStream(kinesis, name, 1)
    const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }))
    const arn = summary.StreamDescriptionSummary?.StreamARN ?? ''
    const seen: number[] = []
    let next = 1

    async function startWorker(workerId: string, stream: string) {
      const metrics = createMetrics('test', '0')
      const consumer = createConsumer({
        stream,
        workerId,
        store: createLeaseStore({ redis, application: name }),
        kinesis,
        async handle({ records }) {
          for (const { data } of records) seen.push(Number(Buffer.from(data)))
        },
        putAside: ({ error }) => Promise.reject(error),
        leaseTtlMs: 1_000,
        heartbeatMs: 200,
        pollIntervalMs: 200,
        fanOutConsumer: 'application',
        clock: systemClock,
        log: pino({ level: 'silent' }),
        metrics,
      })
      await consumer.start(new AbortController().signal)
      t.teardown(() => consumer.stop())
      const changes = async () => {
        const { values } = await metrics.counter('consumer_fan_out_changes_total').get()
        return Object.fromEntries(values.map(({ labels, value }) => [labels.to, value]))
      }
      return { consumer, changes }
    }
    async function putAndWait(): Promise<void> {
      const texts = Array.from({ length: 20 }, () => `${next++}`)
      await putTexts(kinesis, name, texts, () => 'one key')
      await waitFor('they are handled', () => seen.at(-1) === next - 1, {
        deadlineMs: 10_000,
        intervalMs: 10,
      })
    }
    const callsTo = (action: string) => breaker.calls.get(action) ?? 0

    const first = await startWorker('by ARN', arn)
    await putAndWait()
    t.equal(callsTo('GetRecords'), 0, 'by fan-out')
    t.equal(breaker.subscriptions.size, 1)

    breaker.isRefusing = true
    breaker.breakAll()
    await putAndWait()
    t.ok(callsTo('GetRecords') > 0, 'by polling')

    breaker.isRefusing = false
    const isBack = async () => (await first.changes())['fan-out'] === 1
    await waitFor('it is subscribed again', isBack, { deadlineMs: 20_000, intervalMs: 20 })
    const polls = callsTo('GetRecords')
    await putAndWait()
    t.strictSame(await first.changes(), { polling: 1, 'fan-out': 1 })

    await first.consumer.stop()
    await waitFor('its subscription is gone', () => breaker.subscriptions.size === 0, { deadlineMs: 5_000 })
    const second = await startWorker('by name', name)
    await putAndWait()
    t.strictSame(await second.changes(), { polling: 0, 'fan-out': 0 }, 'the shard was free')
    t.equal(callsTo('GetRecords'), polls, 'by fan-out')
    t.strictSame(
      seen,
      Array.from({ length: next - 1 }, (_, i) => i + 1),
    )
    const { Consumers } = await kinesis.send(new ListStreamConsumersCommand({ StreamARN: arn }))
    t.match(Consumers, [{ ConsumerName: 'application' }])
    t.equal(callsTo('RegisterStreamConsumer'), 1)
  },
)
