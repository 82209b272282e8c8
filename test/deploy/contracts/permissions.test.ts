import { readFileSync } from 'node:fs'
import t from 'tap'
import { at, listOf, textOf } from '../../../deploy/checks/rule.ts'
import { importedFiles } from '../../support/imported-files.ts'
import { allLayers } from '../../support/layers.ts'
import { PROCESSES, type Process, statementsOf } from '../../support/task-definitions.ts'

const MAINS: Record<Process, string> = {
  producer: 'workers/producer/main.ts',
  consumer: 'workers/consumer/main.ts',
  api: 'api/main.ts',
}
/** What a command of the SDK asks for, where it is not the action of its own name in its own service. */
const ACTIONS: Record<string, string[]> = {
  HeadObject: ['s3:GetObject'],
  HeadBucket: ['s3:ListBucket'],
  ListObjectsV2: ['s3:ListBucket'],
  Upload: ['s3:PutObject', 's3:AbortMultipartUpload'],
  // The topics are encrypted with a key of ours, which a publisher uses.
  Publish: ['sns:Publish', 'kms:Decrypt', 'kms:GenerateDataKey'],
  PutMetricData: ['cloudwatch:PutMetricData'],
}
/**
 * Files that a process loads and whose commands it does not send: enhanced fan-out is off unless it is given the name
 * of a registered consumer, which ours is not.
 */
const UNUSED: Partial<Record<Process, RegExp>> = {
  consumer: /lib\/kinesis\/(fan-out-reader|stream-consumer)\.ts$/,
}

t.test('a role lacks an action that its process needs, or has one that it never uses', (t) => {
  for (const process of PROCESSES) {
    const allowed = new Set(statementsOf(process).flatMap(({ Action }) => Action))
    t.strictSame([...allowed].toSorted(), [...neededBy(process)].toSorted(), process)
  }
  t.notMatch(
    readFileSync(new URL('../../../workers/consumer/consumer-worker.ts', import.meta.url), 'utf8'),
    /fanOut/,
  )
  t.end()
})

t.test("Flink's role lacks a call that the connector makes, or allows one that it never makes", (t) => {
  const folder = new URL('../../../flink-job/src/main/java/roadpulse/kinesis/', import.meta.url)
  const calls = ['KinesisStreamProxy', 'PutRecordsSender'].flatMap((name) => {
    const text = readFileSync(new URL(`${name}.java`, folder), 'utf8')
    return [...text.matchAll(/\bclient\s*\.((?:list|get|put|describe|subscribe)\w+)\(/g)].map(
      ([, call]) => call,
    )
  })
  const needed = calls.map((call) => `kinesis:${call?.charAt(0).toUpperCase()}${call?.slice(1)}`)
  const policies = listOf(allLayers({}).flink.resources.Role?.Properties.Policies)
  const allowed = policies
    .flatMap((policy) => listOf(at(policy, 'PolicyDocument', 'Statement')))
    .flatMap((statement) => listOf(at(statement, 'Action')).map((action) => textOf(action)))
    .filter((action) => action.startsWith('kinesis:'))
  t.strictSame([...new Set(allowed)].toSorted(), [...new Set(needed)].toSorted())
  t.end()
})

const bucket = (name: string, key: string) => `arn:aws:s3:::<${name}Bucket>${key}`

/** What each process does where, and what it must not. */
const PLACES: [process: Process, isAllowed: boolean, action: string, resource: string][] = [
  ['producer', true, 'kinesis:PutRecords', '<RawStream.Arn>'],
  ['producer', true, 'kinesis:PutRecords', '<ProcessedStream.Arn>'],
  ['producer', true, 's3:GetObject', bucket('Source', '/csv/a.csv')],
  ['producer', true, 's3:GetObject', bucket('Source', '/lists/a.jsonl.gz')],
  ['producer', true, 's3:PutObject', bucket('Source', '/sorted/a.jsonl')],
  ['producer', false, 's3:PutObject', bucket('Source', '/csv/a.csv')],
  ['producer', true, 's3:GetObject', bucket('Raw', '/dt=2026-01-01/hr=00/a.gz')],
  ['producer', false, 's3:PutObject', bucket('Raw', '/dt=2026-01-01/hr=00/a.gz')],
  ['producer', true, 's3:PutObject', bucket('DeadLetter', '/origin=row/a')],
  ['producer', true, 's3:PutObject', bucket('DeadLetter', '/origin=oversize/a')],
  ['producer', true, 's3:PutObject', bucket('DeadLetter', '/done/origin=row/a/b.json')],
  ['producer', false, 's3:PutObject', bucket('DeadLetter', '/checkpoints/a.json')],
  ['producer', false, 's3:GetObject', bucket('Artifact', '/flink/job.jar')],
  ['producer', false, 's3:PutObject', bucket('Artifact', '/flink/job.jar')],
  ['consumer', true, 'kinesis:GetRecords', '<ProcessedStream.Arn>'],
  ['consumer', false, 'kinesis:GetRecords', '<RawStream.Arn>'],
  ['consumer', true, 's3:PutObject', bucket('DeadLetter', '/origin=handler/a')],
  ['consumer', true, 's3:PutObject', bucket('DeadLetter', '/origin=rejected/a')],
  ['consumer', false, 's3:PutObject', bucket('DeadLetter', '/origin=row/a')],
  ['consumer', true, 's3:PutObject', bucket('DeadLetter', '/checkpoints/a.json')],
  ['consumer', true, 's3:GetObject', bucket('DeadLetter', '/checkpoints/a.json')],
  ['consumer', false, 's3:GetObject', bucket('DeadLetter', '/origin=row/a')],
  ['api', true, 'kinesis:DescribeStreamSummary', '<ProcessedStream.Arn>'],
  ['api', true, 's3:ListBucket', bucket('Raw', '')],
  ['api', true, 's3:GetObject', bucket('Raw', '/dt=2026-01-01/hr=00/a.gz')],
  ['api', true, 's3:GetObject', bucket('Source', '/sorted/a.jsonl')],
  ['api', true, 's3:GetObject', bucket('Source', '/csv/a.csv')],
  ['api', true, 's3:PutObject', bucket('Source', '/lists/a.jsonl.gz')],
  ['api', false, 's3:PutObject', bucket('Source', '/sorted/a.jsonl')],
  ['api', true, 's3:GetObject', bucket('DeadLetter', '/origin=row/a')],
  ['api', false, 's3:PutObject', bucket('DeadLetter', '/origin=row/a')],
]

t.test('a process may not do what it does where it does it, or may do it where it must not', (t) => {
  for (const [process, isAllowed, action, resource] of PLACES) {
    const allows = statementsOf(process).some(
      ({ Action, Resource }) =>
        Action.includes(action) && Resource.some((pattern) => matches(pattern, resource)),
    )
    t.equal(allows, isAllowed, `${process}: ${action} on ${resource}`)
  }
  t.end()
})

/** The actions for every command of the SDK in the files that a process loads. */
function neededBy(process: Process): Set<string> {
  const actions = new Set<string>()
  for (const [file, text] of importedFiles(MAINS[process])) {
    if (UNUSED[process]?.test(file)) continue
    for (const [, command = 'Upload'] of text.matchAll(/new (?:([A-Z]\w+?)Command|Upload)\(/g)) {
      const own = `${serviceOf(command, text)}:${command}`
      for (const action of ACTIONS[command] ?? [own]) actions.add(action)
    }
  }
  return actions
}

/** The service whose client a file imports a command from. */
function serviceOf(command: string, text: string): string {
  for (const [, names = '', client] of text.matchAll(
    /import \{([^}]+)\} from '@aws-sdk\/client-([a-z-]+)'/g,
  )) {
    if (names.includes(`${command}Command`)) return client ?? ''
  }
  return 's3'
}

function matches(pattern: string, resource: string): boolean {
  return pattern.endsWith('*') ? resource.startsWith(pattern.slice(0, -1)) : pattern === resource
}
