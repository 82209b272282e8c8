import t, { type Test } from 'tap'
import { burnRates } from '../../../grafana-dashboards/src/alerts/burn-rates.ts'
import { RULE_GROUPS, renderRules } from '../../../grafana-dashboards/src/alerts/render-rules.ts'
import { isAlert, type RuleGroup } from '../../../grafana-dashboards/src/alerts/rule.ts'
import { healthySeries } from '../../support/healthy-series.ts'
import { runPromtool } from '../../support/promtool.ts'
import { syntheticSeries, type Values } from '../../support/synthetic-series.ts'

type Scenario = {
  what: string
  /** Series that are not as in health. */
  series: Record<string, Values>
  /** Minutes, and exactly the alerts that ring then. */
  expect: readonly [minute: number, alerts: readonly string[]][]
}

const ROWS = 3_000
const STEP_SECONDS = 15
const fine = syntheticSeries(STEP_SECONDS)
const { gauge, counter, absent } = fine
/** Health for ten minutes, a fault for so long, and health again. */
const fault = (minutes: number, well: number, ill: number): Values =>
  gauge([10, well], [minutes, ill], [30, well])
const surge = (minutes: number, perMinute: number): Values => counter([10, 0], [minutes, perMinute], [30, 0])

const LATE_BUCKET = 'freshness_seconds_bucket{feed_kind="live",le="2"}'

/** Every alert rings in one of these, and is silent again. */
const FAULTS: readonly Scenario[] = [
  {
    what: 'a consumer is killed, and another takes its place',
    series: {
      'fleet_workers{kind="consumer",state="running"}': gauge([10, 2], [1, 1], [30, 2]),
      'fleet_workers{kind="consumer",state="silent"}': gauge([10, 0], [31, 1]),
    },
    expect: [
      [10.5, ['WorkerDown']],
      [12, []],
    ],
  },
  {
    what: 'a worker of a kind of which nobody knows how many are wanted is killed',
    series: {
      'fleet_workers{kind="firehose",state="running"}': gauge([10, 1], [2, 0], [30, 1]),
      'fleet_workers{kind="firehose",state="silent"}': gauge([10, 0], [32, 1]),
    },
    expect: [
      [11, ['WorkerDown']],
      [13, []],
    ],
  },
  {
    what: 'a producer ends again and again, and is there in between',
    series: { 'fleet_workers{kind="producer",state="silent"}': gauge([10, 0], [1, 1], [1, 2], [30, 3]) },
    expect: [
      [12, ['WorkersKeepEnding']],
      [20, []],
    ],
  },
  {
    what: 'one of two consumers is stopped and does not come up',
    series: { 'fleet_workers{kind="consumer",state="running"}': fault(5, 2, 1) },
    expect: [
      [10.5, []],
      [12, ['WorkersMissing']],
      [16, []],
    ],
  },
  {
    what: 'the producer is stopped and does not come up',
    series: { 'fleet_workers{kind="producer",state="running"}': fault(5, 1, 0) },
    expect: [
      [12, ['WorkersGone']],
      [16, []],
    ],
  },
  {
    what: 'a shard has no owner',
    series: { fleet_shards_unowned: fault(2, 0, 1) },
    expect: [
      [11, ['ShardsUnowned']],
      [13, []],
    ],
  },
  {
    what: 'the watchdog has an incident open',
    series: { 'incidents_open{severity="critical"}': fault(2, 0, 1) },
    expect: [
      [11, ['CriticalIncidentOpen']],
      [13, []],
    ],
  },
  {
    what: 'SNS takes no message',
    series: { alert_outbox_age_seconds: gauge([10, 0], [1, 30], [2, 90], [30, 0]) },
    expect: [
      [10.5, []],
      [12, ['AlertsUntold']],
      [14, []],
    ],
  },
  {
    what: 'no api watches',
    series: { 'watchdog_active{instance="x:1"}': fault(6, 1, 0) },
    expect: [
      [12, []],
      [14, ['WatchdogSilent']],
      [17, []],
    ],
  },
  {
    what: 'the api on watch completes no pass',
    series: {
      'watchdog_passes_total{result="completed",instance="x:1"}': counter([10, 60], [8, 0], [30, 60]),
    },
    expect: [
      [16, ['WatchdogSilent']],
      [20, []],
    ],
  },
  {
    what: 'a process does not answer',
    series: { 'up{job="roadpulse",instance="a:1",service="consumer"}': fault(5, 1, 0) },
    expect: [
      [12, ['ProcessUnreachable']],
      [16, []],
    ],
  },
  {
    what: 'a row is missing',
    series: { 'conservation_difference_rows{feed_kind="live",law="streamOne"}': fault(3, 0, 1) },
    expect: [
      [11, ['ConservationBroken']],
      [14, []],
    ],
  },
  {
    what: 'a tenth of the records cannot be handled',
    series: { 'dead_letters_total{origin="handler"}': surge(5, 0.1 * ROWS) },
    expect: [
      [14, ['RecordsUnhandled']],
      [18, []],
    ],
  },
  {
    what: 'a source has another format',
    series: { 'dead_letters_total{origin="rejected"}': surge(5, 0.3 * ROWS) },
    expect: [
      [14, ['RowsRefused']],
      [35, []],
    ],
  },
  {
    what: 'a slow consumer',
    series: { 'consumer_lag_seconds{shard="1"}': fault(5, 0.3, 45) },
    expect: [
      [11, []],
      [13, ['ConsumerBehind']],
      [16, []],
    ],
  },
  {
    what: 'a consumer that does not get on',
    series: { 'consumer_lag_seconds{shard="1"}': fault(5, 0.3, 400) },
    expect: [
      [13, ['ConsumerBehind', 'ConsumerStuck']],
      [16, []],
    ],
  },
  {
    what: 'a handler does not return',
    series: { consumer_shards_stuck: fault(2, 0, 1) },
    expect: [
      [11, ['HandlersHang']],
      [13, []],
    ],
  },
  {
    what: 'S3 is away, and shards wait for it',
    series: { consumer_shards_waiting: fault(5, 0, 2) },
    expect: [
      [12, ['ShardsWait']],
      [16, []],
    ],
  },
  {
    what: 'work is done and not checkpointed',
    series: { 'consumer_checkpoint_age_seconds{shard="0"}': fault(5, 0.5, 90) },
    expect: [
      [12, ['CheckpointsLate']],
      [16, []],
    ],
  },
  {
    what: 'Redis refuses checkpoints',
    series: { 'consumer_checkpoints_total{result="failed"}': surge(10, 4) },
    expect: [
      [12, []],
      [18, ['CheckpointsFail']],
      [26, []],
    ],
  },
  {
    what: 'Flink counts nothing while rows wait',
    series: { 'pipeline_rows{feed_kind="live",place="in"}': counter([10, ROWS], [5, 0], [30, ROWS]) },
    expect: [
      [10.5, []],
      [13, ['FlinkStalled']],
      [17, []],
    ],
  },
  {
    what: 'nothing is counted because the consumer is behind: Flink is not to blame',
    series: {
      'pipeline_rows{feed_kind="live",place="in"}': counter([10, ROWS], [5, 0], [30, ROWS]),
      fleet_lag_seconds: fault(5, 0.2, 60),
    },
    expect: [[13, []]],
  },
  {
    what: 'Flink is behind stream 1',
    series: { 'pipeline_watermark_lag_seconds{feed_kind="live"}': fault(5, 42, 150) },
    expect: [
      [13, ['FlinkBehind']],
      [16, []],
    ],
  },
  {
    what: 'the producer does not keep its pace',
    series: { 'producer_pace_lag_seconds{feed_kind="live"}': fault(5, 0.1, 90) },
    expect: [
      [12, ['ProducerBehind']],
      [16, []],
    ],
  },
  {
    what: 'stream 1 is too small',
    series: { 'producer_put_records_total{stream="raw",result="throttled"}': surge(6, 20) },
    expect: [
      [12, []],
      [15, ['PutsThrottled']],
      [18, []],
    ],
  },
  {
    what: 'Redis fills',
    series: { redis_memory_used_ratio: fault(5, 0.3, 0.76) },
    expect: [
      [14, ['RedisMemoryHigh']],
      [16, []],
    ],
  },
  {
    what: 'Redis refuses commands',
    series: { 'redis_command_failures_total{service="consumer",command="script"}': surge(5, 10) },
    expect: [
      [14, ['RedisFails']],
      [17, []],
    ],
  },
  {
    what: 'a process has too much to do',
    series: {
      'nodejs_eventloop_utilization_ratio{service="consumer",instance="a:1"}': fault(8, 0.2, 0.97),
    },
    expect: [
      [13, []],
      [17, ['EventLoopBusy']],
      [19, []],
    ],
  },
  {
    what: 'the api fails',
    series: { 'http_request_duration_seconds_count{route="/fleet",status_code="500"}': surge(5, 30) },
    expect: [
      [13, ['ApiFails']],
      [17, []],
    ],
  },
  {
    what: 'the api is slow',
    series: {
      'http_request_duration_seconds_bucket{route="/fleet",le="0.5"}': counter([10, 60], [12, 50], [30, 60]),
    },
    expect: [
      [21, ['ApiSlow']],
      [30, []],
    ],
  },
  {
    what: 'Flink drops a record as late, and the job is started anew',
    series: { flink_taskmanager_job_task_operator_numLateRecordsDropped: fault(2, 0, 1) },
    expect: [
      [11, ['FlinkDroppedLate']],
      [13, []],
    ],
  },
  {
    what: 'checkpoints of the job fail',
    series: { flink_jobmanager_job_numberOfFailedCheckpoints: counter([10, 0], [10, 1], [30, 0]) },
    expect: [
      [13, []],
      [18, ['FlinkCheckpointsFail']],
      [27, []],
    ],
  },
  {
    what: 'checkpoints of the job are slow',
    series: { flink_jobmanager_job_lastCheckpointDuration: fault(14, 200, 40_000) },
    expect: [
      [22, ['FlinkCheckpointsSlow']],
      [25, []],
    ],
  },
  {
    what: 'the job restarts again and again',
    series: { flink_jobmanager_job_numRestarts: counter([10, 0], [5, 1], [30, 0]) },
    expect: [
      [15, ['FlinkRestarts']],
      [32, []],
    ],
  },
]

const WELL: readonly Scenario[] = [
  { what: 'nothing happens', series: {}, expect: [[60, []]] },
  {
    what: 'a start: rows wait, and Flink has counted none yet',
    series: { 'pipeline_rows{feed_kind="live",place="in"}': counter([0.75, 0], [10, ROWS]) },
    expect: [0.5, 1, 1.5, 5].map((minute) => [minute, []]),
  },
  {
    what: 'an idle night: the feed has ended, and one slow row comes by',
    series: {
      'producer_rows_total{feed_kind="live",result="emitted"}': counter([20, ROWS], [160, 0]),
      'producer_rows_total{feed_kind="live",result="refused"}': counter([180, 0]),
      'dead_letters_total{origin="row"}': counter([180, 0]),
      'consumer_records_total{feed_kind="live",type="accident",result="handled"}': counter(
        [20, ROWS],
        [160, 0],
      ),
      'freshness_seconds_count{feed_kind="live"}': counter([20, ROWS], [100, 0], [1, 1], [59, 0]),
      [LATE_BUCKET]: counter([20, 0.998 * ROWS], [160, 0]),
      'pipeline_rows{feed_kind="live",place="in"}': counter([20, ROWS], [160, 0]),
      'pipeline_backlog_rows{feed_kind="live",stage="flink"}': gauge([20, 30], [160, 0]),
      'pipeline_watermark_lag_seconds{feed_kind="live"}': `${gauge([20, 42])} ${absent(160)}`,
      'http_request_duration_seconds_bucket{route="/fleet",le="0.5"}': counter([180, 0]),
      'http_request_duration_seconds_bucket{route="/fleet",le="2"}': counter([180, 0]),
      'http_request_duration_seconds_bucket{route="/fleet",le="+Inf"}': counter([180, 0]),
    },
    expect: [
      [25, []],
      [90, []],
      [121, []],
      [124, []],
      [180, []],
    ],
  },
  {
    what: 'a deploy: each process is replaced, the job is updated, the watch passes on',
    series: {
      'fleet_workers{kind="consumer",state="running"}': gauge([60, 2], [0.5, 1], [1, 2], [0.5, 1], [58, 2]),
      'fleet_workers{kind="producer",state="running"}': gauge([61, 1], [0.5, 0], [58.5, 1]),
      'fleet_workers{kind="producer",state="starting"}': gauge([61.25, 0], [0.25, 1], [58.5, 0]),
      'up{job="roadpulse",instance="a:1",service="consumer"}': gauge([60, 1], [0.5, 0], [59.5, 1]),
      fleet_shards_unowned: gauge([60, 0], [0.25, 2], [59.75, 0]),
      'watchdog_active{instance="x:1"}': `${gauge([62, 1])} ${absent(58)}`,
      'watchdog_active{instance="y:1"}': gauge([62.5, 0], [57.5, 1]),
      'watchdog_passes_total{result="completed",instance="x:1"}': `${counter([62, 60])} ${absent(58)}`,
      'watchdog_passes_total{result="completed",instance="y:1"}': counter([62.5, 0], [57.5, 60]),
      'consumer_lag_seconds{shard="0"}': gauge([60, 0.2], [0.5, 20], [59.5, 0.2]),
      'pipeline_rows{feed_kind="live",place="in"}': counter([63, ROWS], [0.75, 0], [56.25, ROWS]),
      'pipeline_backlog_rows{feed_kind="live",stage="flink"}': gauge([63, 30], [1.5, ROWS], [55.5, 30]),
      'pipeline_watermark_lag_seconds{feed_kind="live"}': gauge([63, 42], [1.5, 130], [55.5, 42]),
      [LATE_BUCKET]: counter([63, 0.998 * ROWS], [2, 0.1 * ROWS], [55, 0.998 * ROWS]),
      flink_jobmanager_job_numRestarts: gauge([63, 2], [57, 0]),
      'nodejs_eventloop_utilization_ratio{service="consumer",instance="a:1"}': gauge(
        [60, 0.2],
        [1, 1],
        [59, 0.2],
      ),
    },
    expect: [60.25, 60.5, 60.75, 61, 61.5, 62, 62.5, 63, 64, 65, 66, 70, 90].map((minute) => [minute, []]),
  },
]

/** Budgets are judged over hours and days, by samples that are further apart. Here nothing else is judged. */
const COARSE_STEP_SECONDS = 60
const coarse = syntheticSeries(COARSE_STEP_SECONDS)
const DAY = 1_440
const KNOWN = { 'up{job="roadpulse",instance="a:1",service="consumer"}': coarse.gauge([6 * DAY, 1]) }

const BURNS: readonly Scenario[] = [
  {
    what: 'half of the rows are slow for half an hour',
    series: {
      ...KNOWN,
      'freshness_seconds_count{feed_kind="live"}': coarse.counter([690, ROWS]),
      [LATE_BUCKET]: coarse.counter([300, 0.998 * ROWS], [30, 0.5 * ROWS], [360, 0.998 * ROWS]),
    },
    expect: [
      [295, []],
      [330, ['FreshnessBurnsFast']],
      [420, []],
    ],
  },
  {
    what: 'the same at the start, when nothing is known of the hour before',
    series: {
      ...KNOWN,
      'freshness_seconds_count{feed_kind="live"}': coarse.counter([690, ROWS]),
      [LATE_BUCKET]: coarse.counter([30, 0.5 * ROWS], [360, 0.998 * ROWS]),
    },
    expect: [
      [20, []],
      [30, []],
      [70, []],
    ],
  },
  {
    what: 'one row in a hundred cannot be handled for half an hour',
    series: {
      ...KNOWN,
      'producer_rows_total{feed_kind="live",result="emitted"}': coarse.counter([690, ROWS]),
      'dead_letters_total{origin="handler"}': coarse.counter([300, 0], [30, 0.01 * ROWS], [360, 0]),
    },
    expect: [
      [295, []],
      [330, ['DeliveryBurnsFast']],
      [420, []],
    ],
  },
  {
    what: 'two rows in a hundred are slow for two days',
    series: {
      ...KNOWN,
      'freshness_seconds_count{feed_kind="live"}': coarse.counter([6 * DAY, 100]),
      [LATE_BUCKET]: coarse.counter([DAY, 100], [2 * DAY, 98], [3 * DAY, 100]),
    },
    expect: [
      [3 * DAY - 10, []],
      [3 * DAY, []],
      [3 * DAY + 30, ['FreshnessBurnsSlowly']],
      [4 * DAY, []],
    ],
  },
  {
    what: 'a row in two thousand is not delivered for a day',
    series: {
      ...KNOWN,
      'producer_rows_total{feed_kind="live",result="emitted"}': coarse.counter([6 * DAY, 100]),
      'dead_letters_total{origin="handler"}': coarse.counter([2 * DAY, 0], [DAY, 0.05], [3 * DAY, 0]),
    },
    expect: [
      [3 * DAY - 10, ['DeliveryBurnsSlowly']],
      [4 * DAY, []],
    ],
  },
]

const BUDGETS = [burnRates]
const CAUSES = RULE_GROUPS.filter((group) => group !== burnRates)

t.test('an alert is silent when it should ring, rings on, or rings for what another means', async (t) => {
  await testRules(t, FAULTS, CAUSES)
  const told = new Set([...FAULTS, ...BURNS].flatMap(({ expect }) => expect.flatMap(([, alerts]) => alerts)))
  const alerts = RULE_GROUPS.flatMap(({ rules }) => rules.filter(isAlert).map(({ alert }) => alert))
  t.strictSame([...told].sort(), alerts.sort(), 'each rings in one of the scenarios')
})

t.test('an alert rings in health, in an idle night or in a deploy', async (t) => {
  await testRules(t, WELL, RULE_GROUPS)
})

t.test('a budget is used up, and nobody hears of it', async (t) => {
  await testRules(t, BURNS, BUDGETS, '10m')
})

/** Lets promtool evaluate the rules over each scenario, and compares which alerts ring at which minute. */
async function testRules(
  t: Test,
  scenarios: readonly Scenario[],
  groups: readonly RuleGroup[],
  evaluationInterval = '30s',
): Promise<void> {
  const tests = scenarios.map(({ what, series, expect }) => {
    const minutes = Math.max(...expect.map(([minute]) => minute)) + 1
    const all = groups === BUDGETS ? series : { ...healthySeries(minutes, fine), ...series }
    return {
      name: what,
      interval: `${groups === BUDGETS ? COARSE_STEP_SECONDS : STEP_SECONDS}s`,
      input_series: Object.entries(all).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: expect.map(([minute, alerts]) => ({
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: `${minute * 60}s`,
        exp_samples: alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
      })),
    }
  })
  const folder = t.testdir({
    'rules.yaml': renderRules('runbook', groups),
    // JSON is YAML.
    'scenarios.yaml': JSON.stringify({
      rule_files: ['rules.yaml'],
      evaluation_interval: evaluationInterval,
      tests,
    }),
  })
  const { code, output } = await runPromtool(['test', 'rules', `${folder}/scenarios.yaml`])
  t.equal(code, 0, output)
}
