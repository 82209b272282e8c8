import { pino } from 'pino'
import t from 'tap'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { connectRedis } from '../../../lib/redis/connect.ts'
import { loadScript } from '../../../lib/redis/load-script.ts'
import { startRedis } from '../../support/servers.ts'
import { waitFor } from '../../support/wait-for.ts'

const script = loadScript(new URL('../../../lib/process/scripts/note-heartbeat.lua', import.meta.url))

t.test('a command that waits for a connection counts twice, or its failure does not', async (t) => {
  const server = await startRedis(t)
  const metrics = createMetrics('test', '0')
  const redis = connectRedis({ url: server.url, name: 'measured', log: pino({ level: 'silent' }), metrics })
  t.teardown(() => redis.disconnect())
  const shows = async (line: string) => t.match(await metrics.render(), `\n${line}\n`)

  await redis.set('key', 'text')
  await Promise.all([redis.get('key'), redis.multi().get('key').set('key', 'again').exec()])
  await t.rejects(redis.incr('key'))
  await script.run(redis, ['index'], ['id', 60])
  await script.run(redis, ['index'], ['id', 60])
  await shows('redis_command_duration_seconds_count{command="read"} 2')
  // The first call of a script is refused, as the server does not know it yet.
  await shows('redis_command_duration_seconds_count{command="script"} 3')
  await shows('redis_command_failures_total{command="script"} 1')
  await shows('redis_command_failures_total{command="write"} 1')

  const before = countOf(await metrics.render(), 'read')
  server.process.kill('SIGKILL')
  await waitFor('the connection is lost', () => redis.status !== 'ready', {
    deadlineMs: 5_000,
    intervalMs: 10,
  })
  const answer = redis.get('key')
  await shows('redis_commands_waiting 1')
  await server.restart()
  t.equal(await answer, null)
  await shows('redis_commands_waiting 0')
  const text = await metrics.render()
  t.equal(countOf(text, 'read'), before + 1)
  t.ok(Number(/^redis_reconnects_total (\d+)$/m.exec(text)?.[1]) >= 1)
})

function countOf(text: string, command: string): number {
  return Number(
    new RegExp(`^redis_command_duration_seconds_count\\{command="${command}"\\} (\\d+)$`, 'm').exec(
      text,
    )?.[1],
  )
}
