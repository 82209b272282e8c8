import t from 'tap'
import { textOf } from '../../../deploy/checks/rule.ts'
import type { Properties } from '../../../deploy/templates/template.ts'
import { type AlarmState, computeExpression, evaluateAlarm } from '../../support/evaluate-alarm.ts'
import { allLayers } from '../../support/layers.ts'

const layers = allLayers({ Size: 'production', AlertEmail: 'a@example.com', IsAlwaysLive: 'true' })
const alarmOf = (name: string): Properties =>
  ({ ...layers.fleet.resources, ...layers.observability.resources })[name]?.Properties ?? {}

const none = undefined
const all = <T>(length: number, value: T): T[] => Array.from({ length }, () => value)
type Series = (number | undefined)[]

/** What is seen of a metric, a period each, and the state that the alarm has to be in after the last of them. */
const CASES: [what: string, alarm: string, datapoints: Series, state: AlarmState][] = [
  ['the watchdog passes six times a minute', 'WatchdogSilent', all(5, 6), 'OK'],
  ['the api is deployed, and one minute has no pass', 'WatchdogSilent', [6, 6, none, 3], 'OK'],
  [
    'the api, its watchdog or Redis has been gone for three minutes',
    'WatchdogSilent',
    [6, none, none, none],
    'ALARM',
  ],
  ['it has never come up', 'WatchdogSilent', [], 'ALARM'],
  ['it is back', 'WatchdogSilent', [none, none, none, 2], 'OK'],
  ['an idle night: nobody asks a stream that is empty', 'ConsumerStuck', all(10, none), 'OK'],
  ['an idle night, and streams without a row', 'RawFull', all(10, 0), 'OK'],
  ['consumers keep up', 'ConsumerBehind', all(5, 200), 'OK'],
  ['a slow consumer', 'ConsumerBehind', [200, 31_000, 45_000], 'ALARM'],
  ['one slow minute', 'ConsumerBehind', [200, 45_000, 200], 'OK'],
  ['there are more of them than needed', 'ConsumerAhead', all(15, 100), 'ALARM'],
  ['an idle night takes none away', 'ConsumerAhead', all(15, none), 'OK'],
  [
    'one of two consumers is dead, and its shard is taken over',
    'ConsumerStuck',
    [100, 9_000, 100, 100, 100],
    'OK',
  ],
  ['a consumer that is stuck', 'ConsumerStuck', [0, 0, 301_000, 361_000, 421_000], 'ALARM'],
  ['and goes on', 'ConsumerStuck', [361_000, 421_000, 100, 100, 100], 'OK'],
  ['a live feed that stops', 'RowsSilent', [9_000, none, none, none], 'ALARM'],
  ['a live feed', 'RowsSilent', all(3, 15_000), 'OK'],
  ['replays are throttled for a minute', 'RawWritesThrottled', [0, 40, 0, 0, 0], 'OK'],
  ['stream 1 is too small', 'RawWritesThrottled', [40, 10, 0, 90, 20], 'ALARM'],
  ['Firehose waits for its buffer', 'RawLayerLate', all(3, 320), 'OK'],
  ['Firehose cannot write', 'RawLayerFails', [1, 0.2, 0], 'ALARM'],
  ['no row, so nothing is delivered', 'RawLayerFails', all(3, none), 'OK'],
  ['one record is dropped as late', 'LateDropped', [0, 1], 'ALARM'],
  ['Redis fills', 'Redis1MemoryFull', [60, 76, 77, 78], 'ALARM'],
  ['Redis drops a key', 'Redis1Evicts', [1], 'ALARM'],
  ['a shard changes its owner', 'ShardsUnowned', [0, 1, 0, 1], 'OK'],
  ['a shard that nobody takes', 'ShardsUnowned', [0, 4, 1, 1], 'ALARM'],
  ['nobody watches: another alarm rings', 'ShardsUnowned', all(3, none), 'OK'],
  ['the consumers catch up after a restart', 'InsightsBehind', [300, 200, 100, 40, 1], 'OK'],
  ['the consumers are slower than the stream', 'InsightsBehind', [61, 70, 80, 90, 100], 'ALARM'],
  ['SNS cannot deliver', 'AlertsUndelivered', [none, 1], 'ALARM'],
]

t.test('an alarm rings when nothing is wrong, or is silent when something is', (t) => {
  for (const [what, alarm, datapoints, state] of CASES) {
    const series =
      alarmOf(alarm).Metrics === undefined
        ? datapoints
        : computeExpression(alarmOf(alarm), { IncomingBytes: datapoints })
    t.equal(evaluateAlarm(alarmOf(alarm), series), state, `${alarm}: ${what}`)
  }
  t.end()
})

/** The same of alarms on expressions: each metric by its name. */
const COMPUTED: [what: string, alarm: string, series: Record<string, Series>, state: AlarmState][] = [
  [
    'the job runs',
    'JobDown',
    { failingTime: all(3, 0), restartingTime: all(3, 0), cancellingTime: all(3, 0) },
    'OK',
  ],
  [
    'it restarts',
    'JobDown',
    { failingTime: [0, 0, 0], restartingTime: [0, 900, 4_000], cancellingTime: [0, 0, 0] },
    'ALARM',
  ],
  ['it is stopped: AWS says nothing of it', 'JobDown', {}, 'ALARM'],
  ['it has restarted often, long ago', 'JobRestarts', { numRestarts: [7, 7] }, 'OK'],
  ['it restarts again and again', 'JobRestarts', { numRestarts: [7, 10] }, 'ALARM'],
  ['the job begins anew, and counts anew', 'JobRestarts', { numRestarts: [7, 0] }, 'OK'],
  ['one checkpoint fails', 'CheckpointsFail', { numberOfFailedCheckpoints: [0, 0, 1, 1] }, 'OK'],
  ['checkpoints fail', 'CheckpointsFail', { numberOfFailedCheckpoints: [0, 1, 3, 5] }, 'ALARM'],
  ['all run', 'TooFewConsumers', { RunningTaskCount: all(5, 2), DesiredTaskCount: all(5, 2) }, 'OK'],
  [
    'one of two is dead',
    'TooFewConsumers',
    { RunningTaskCount: [2, 2, 1, 1, 1], DesiredTaskCount: all(5, 2) },
    'ALARM',
  ],
  [
    'one is replaced',
    'TooFewConsumers',
    { RunningTaskCount: [2, 2, 2, 1, 2], DesiredTaskCount: all(5, 2) },
    'OK',
  ],
  [
    'a deployment has more than are wanted',
    'TooFewConsumers',
    { RunningTaskCount: all(5, 4), DesiredTaskCount: all(5, 2) },
    'OK',
  ],
  [
    'a fault that is over after four minutes',
    'WorkersFail',
    { producer: all(5, 0), consumer: [1, 1, 1, 1, 0], api: all(5, 0) },
    'OK',
  ],
  [
    'one worker after the other fails',
    'WorkersFail',
    { producer: [1, 1, 0, 0, 0], consumer: [0, 0, 1, 1, 0], api: [0, 0, 0, 0, 1] },
    'ALARM',
  ],
  ['a record is put aside', 'DeadLettersRise', { DeadLetters: [3, 3, 4, 4, 4] }, 'ALARM'],
  ['records were put aside long ago', 'DeadLettersRise', { DeadLetters: all(6, 4) }, 'OK'],
  ['a worker with dead letters is forgotten', 'DeadLettersRise', { DeadLetters: [4, 4, 0, 0, 0] }, 'OK'],
  ['four shards at 81 percent of their bytes', 'RawFull', fourShards(0.81, 0.2), 'ALARM'],
  ['four shards at 81 percent of their rows', 'RawFull', fourShards(0.2, 0.81), 'ALARM'],
  ['four shards at 79 percent of both', 'RawFull', fourShards(0.79, 0.79), 'OK'],
]

t.test('an alarm on an expression rings when nothing is wrong, or is silent when something is', (t) => {
  for (const [what, alarm, series, state] of COMPUTED)
    t.equal(
      evaluateAlarm(alarmOf(alarm), computeExpression(alarmOf(alarm), series)),
      state,
      `${alarm}: ${what}`,
    )
  t.end()
})

t.test('a deployment wakes somebody, or what fails after it does not', (t) => {
  const suppressor = alarmOf('DeployInProgress')
  const { AlarmRule, ActionsSuppressor } = alarmOf('DeploySensitive')
  t.equal(textOf(ActionsSuppressor), '<DeployInProgress>')
  for (const name of ['JobDown', 'RawBehind', 'TooFewApis', 'ApiUnhealthy'])
    t.match(textOf(AlarmRule), `ALARM(<${name}>)`)
  t.equal(evaluateAlarm(suppressor, [1]), 'ALARM', 'it has just begun')
  t.equal(evaluateAlarm(suppressor, [1, ...all(14, none)]), 'ALARM', 'a quarter of an hour')
  t.equal(evaluateAlarm(suppressor, [1, ...all(15, none)]), 'OK', 'and no longer')
  t.equal(evaluateAlarm(suppressor, all(60, none)), 'OK', 'nothing is deployed')
  t.end()
})

/** What four shards take in ten minutes at these shares of what they can. */
function fourShards(ofBytes: number, ofRows: number): Record<string, number[]> {
  return {
    IncomingBytes: all(10, ofBytes * 60 * 1_048_576 * 4),
    IncomingRecords: all(10, ofRows * 60 * 1_000 * 4),
  }
}
