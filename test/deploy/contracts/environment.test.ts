import { readFileSync } from 'node:fs'
import t from 'tap'
import { apiOptions } from '../../../api/options.ts'
import { at, listOf, textOf } from '../../../deploy/checks/rule.ts'
import { type OptionsSchema, readOptions } from '../../../lib/process/read-options.ts'
import { consumerOptions } from '../../../workers/consumer/options.ts'
import { producerOptions } from '../../../workers/producer/options.ts'
import { allLayers } from '../../support/layers.ts'
import { containerOf, environmentOf, PROCESSES, type Process } from '../../support/task-definitions.ts'

const OPTIONS: Record<Process, OptionsSchema> = {
  producer: producerOptions,
  consumer: consumerOptions,
  api: apiOptions,
}
/** Options that AWS has no other value for than the default. A new option has to be set, or named here. */
const AT_DEFAULT = {
  'LOG_LEVEL WORKER_ID': PROCESSES,
  'AWS_ENDPOINT_URL AWS_ENDPOINT_URL_KINESIS': PROCESSES,
  'LIVE_FILTER LIVE_ROWS LIVE_LATENESS_SHARE LIVE_LATENESS_MAX_SECONDS': ['producer'],
  'REPLAY_SHARE RANGE_BYTES UNREADABLE_SHARE_LIMIT PUT_MAX_IN_FLIGHT_BYTES': ['producer'],
  'LEASE_TTL_MS LEASE_HEARTBEAT_MS SHARD_POLL_INTERVAL_MS READ_AHEAD_BYTES': ['consumer'],
  'LANES_PER_SHARD MAX_BATCH_RECORDS': ['consumer'],
  // Of one machine; and limits.
  'AWS_ENDPOINT_URL_SNS WANTED STACK_FILE': ['api'],
  'DATA_ALERT_MIN_SEVERITY DATA_ALERT_INTERVAL_SECONDS RAW_LAYER_MAX_AGE_SECONDS': ['api'],
  'CLOUDWATCH_INTERVAL_SECONDS CLOUDWATCH_TOP_PLACES': ['api'],
  'RATE_LIMIT_PER_MINUTE MAX_EVENT_STREAMS SNAPSHOT_INTERVAL_MS': ['api'],
} satisfies Record<string, readonly Process[]>

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const ofImage = Object.fromEntries(
  [...read('Dockerfile').matchAll(/^ENV (.+)$/gm)].flatMap(([, line = '']) =>
    [...line.matchAll(/(\w+)=("[^"]*"|\S+)/g)].map(([, name, value]) => [name, value]),
  ),
) as Record<string, string>

for (const process of PROCESSES) {
  t.test(`${process}: the template sets what it does not read, or leaves out what it needs`, (t) => {
    const set = environmentOf(process)
    const known = Object.keys(OPTIONS[process].properties)
    const left = Object.entries(AT_DEFAULT)
      .filter(([, processes]) => (processes as readonly Process[]).includes(process))
      .flatMap(([names]) => names.split(' '))
    const given = [
      ...Object.keys(set),
      ...Object.keys(ofImage).filter((name) => known.includes(name)),
      ...left,
    ]
    t.strictSame(given.toSorted(), known.toSorted())
    t.end()
  })

  t.test(`${process}: a value in the template is none that it takes`, (t) => {
    const environment = { ...ofImage, ...environmentOf(process) }
    t.doesNotThrow(() => readOptions(OPTIONS[process], environment))
    t.equal(environment.AWS_REGION, 'us-east-1')
    t.end()
  })

  t.test(`${process}: the container starts another program`, (t) => {
    const program = textOf(at(containerOf(process), 'Command', 0))
    t.match(program, new RegExp(`^(workers/)?${process}/main\\.ts$`))
    t.match(read(program), new RegExp(`name: '${process}'`))
    const health = listOf(at(containerOf(process), 'HealthCheck', 'Command')).map((part) => textOf(part))
    t.strictSame(health.slice(0, 2), ['CMD', 'node'], 'without a shell')
    t.ok(read(health[2] ?? ''))
    t.end()
  })
}

t.test('Flink is told what the job does not know, or not told what it needs', (t) => {
  const options = read('flink-job/src/main/java/roadpulse/job/JobOptions.java')
  const known = [...options.matchAll(/group\.(\w+)\("([^"]+)"/g)].map(([, reader, name]) => ({
    reader,
    name,
  }))
  t.ok(known.length > 4)
  const application = allLayers({}).flink.resources.Application?.Properties.ApplicationConfiguration
  const group = at(application, 'EnvironmentProperties', 'PropertyGroups', 0)
  t.match(options, `GROUP = "${textOf(at(group, 'PropertyGroupId'))}"`)
  const set = Object.keys((at(group, 'PropertyMap') ?? {}) as object)
  for (const name of set)
    t.ok(
      known.some((option) => option.name === name),
      name,
    )
  for (const { reader, name } of known) if (reader === 'text') t.ok(set.includes(name ?? ''), `${name}`)
  t.end()
})
