import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { compileJavaBenches, runJavaClass } from '../../../bench/run-java-bench.ts'
import type { Envelope } from '../../../lib/events/envelope.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'

/** What the Flink job itself makes of the records, in the order in which they arrived. */
export async function flinkEnvelopes(records: readonly KinesisRecord[]): Promise<Envelope[]> {
  const folder = mkdtempSync(`${tmpdir()}/roadpulse-envelopes-`)
  try {
    await compileJavaBenches()
    writeFileSync(
      `${folder}/records.tsv`,
      records
        .toSorted((a, b) => a.arrivedAt - b.arrivedAt)
        .map(lineOf)
        .join('\n'),
    )
    await runJavaClass('roadpulse.job.EnvelopesOfRecords', [
      `${folder}/records.tsv`,
      `${folder}/envelopes.jsonl`,
    ])
    const lines = readFileSync(`${folder}/envelopes.jsonl`, 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Envelope)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const lineOf = ({ arrivedAt, partitionKey, data }: KinesisRecord) =>
  [arrivedAt, partitionKey, Buffer.from(data).toString('base64')].join('\t')
