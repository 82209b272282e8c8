import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { readHeartbeats } from '../../lib/process/heartbeat.ts'
import { generate, type ProducerProcess, startProducerServers } from '../support/producers.ts'
import { waitFor } from '../support/wait-for.ts'

const FILE = { seed: 17, rows: 50_000, rate: 50 }
const KILLS = 12
const ROWS_BETWEEN = 3_500
const AWAY_MS = 60_000
const TAKEOVER_DEADLINE_MS = 15_000
const DEADLINE_MS = 120_000

t.test(
  'a row is lost or counted twice while producers die in turn, stand still, or are cut off from Redis and Kinesis',
  { timeout: 600_000 },
  async (t) => {
    // What it has answered is on the disk: a Redis that may forget has a test of its own.
    const servers = await startProducerServers(t, ['--appendonly', 'yes', '--appendfsync', 'always'])
    await servers.putSource('long.csv', await generate(FILE))
    const { start, checkFeed } = await servers.prepare(t, 'kills')
    const live = { LIVE_SOURCE: 's3://source/long.csv', LIVE_RATE: '700' }
    const producers = [start(live), start(live)]

    async function holder(): Promise<ProducerProcess> {
      return waitFor(
        'a producer has the range',
        async () => {
          const beats = await readHeartbeats(servers.redis)
          const running = producers.filter(
            ({ child }) => child.exitCode === null && child.signalCode === null,
          )
          return running.find(({ child }) =>
            beats.some(({ pid, holds }) => pid === child.pid && holds.length > 0),
          )
        },
        { deadlineMs: DEADLINE_MS },
      )
    }

    async function takenOver(): Promise<void> {
      const { read } = await servers.store.counts('live-1')
      await servers.waitForRows('live-1', read + 1, TAKEOVER_DEADLINE_MS)
    }

    async function standStill(): Promise<void> {
      const stopped = await holder()
      stopped.child.kill('SIGSTOP')
      await takenOver()
      stopped.child.kill('SIGCONT')
      const isRefused = () =>
        stopped.log.some((line) => JSON.stringify(line).includes('another producer has taken over'))
      await waitFor('its position is refused', isRefused, {
        deadlineMs: TAKEOVER_DEADLINE_MS,
        describe: () => stopped.log.slice(-4),
      })
    }

    async function kinesisAway(): Promise<void> {
      servers.kinesisServer.process.kill('SIGSTOP')
      await delay(AWAY_MS)
      const beats = await readHeartbeats(servers.redis)
      t.ok(
        beats.some(({ lastError }) => /not taken/.test(lastError?.message ?? '')),
        'the fleet is told',
      )
      servers.kinesisServer.process.kill('SIGCONT')
    }

    const interruptions = new Map([
      [3, standStill],
      [6, () => servers.redisServer.restart()],
      [9, kinesisAway],
    ])
    for (let kill = 1; kill <= KILLS; kill++) {
      await servers.waitForRows('live-1', kill * ROWS_BETWEEN, DEADLINE_MS)
      await interruptions.get(kill)?.()
      const victim = await holder()
      victim.child.kill('SIGKILL')
      await victim.ended
      producers.push(start(live))
      await takenOver()
    }
    await waitFor('it ends', async () => (await servers.store.get('live-1'))?.state === 'finished', {
      deadlineMs: DEADLINE_MS,
    })
    await checkFeed(t, 'live-1', FILE)
    t.equal((await servers.store.counts('live-1')).read, FILE.rows)
    t.equal((await servers.store.list({ limit: 5 })).feeds.length, 1)
  },
)
