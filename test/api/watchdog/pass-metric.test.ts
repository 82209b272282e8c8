import t from 'tap'
import { createPassMetric } from '../../../api/watchdog/pass-metric.ts'
import { createLog } from '../../../lib/process/log.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'

t.test(
  'CloudWatch is told without a pass, more than every ten seconds, or a failure stops the passes',
  async (t) => {
    let now = 0
    const clock = { now: () => now, monotonic: () => now, sleep: async () => undefined }
    const sent: { at: number; value: unknown; name: unknown; namespace: unknown }[] = []
    const warned: string[] = []
    const metrics = createMetrics('api', '0')
    const log = createLog({ name: 'api', level: 'silent', workerId: 'test' })
    log.warn = (_fields: unknown, phrase?: string) => void warned.push(phrase ?? '')
    const onPass = createPassMetric({
      cloudWatch: {
        send: async (command: {
          input: { Namespace: string; MetricData: { MetricName: string; Value: number }[] }
        }) => {
          const [datum] = command.input.MetricData
          sent.push({
            at: now,
            value: datum?.Value,
            name: datum?.MetricName,
            namespace: command.input.Namespace,
          })
          throw new Error('away')
        },
      } as never,
      clock,
      log,
      metrics,
    })
    for (; now < 61_000; now += 1_000) onPass()
    now += 600_000
    t.same(
      sent.map(({ at }) => at),
      [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000],
    )
    t.match(sent[1], { namespace: 'Roadpulse', name: 'WatchdogPasses', value: 10 })
    await new Promise(setImmediate)
    t.same(warned, ['pass not told to CloudWatch'], 'once, not each time')
    t.match(await metrics.render(), 'cloudwatch_calls_total{result="failed"} 7\n')
    onPass()
    t.equal(sent.length, 8)
  },
)
