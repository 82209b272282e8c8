import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'

const PUT_MS = 20

/** Records that Flink refuses, each for reasons of its own, and the good row that they are made from. */
export function refusedRecords(
  good: KinesisRecord,
  { feed, startAt }: { feed: string; startAt: number },
): KinesisRecord[] {
  const event = JSON.parse(Buffer.from(good.data).toString()) as Record<string, unknown>
  const of = (fields: object) => `${JSON.stringify({ ...event, ...fields })}\n`
  const own = (seq: number) => ({ feed, seq, event_time: startAt, emitted_at: startAt + seq })
  const texts: (string | Buffer)[] = [
    'rubbish\n',
    '[1, 2]\n',
    '"a text"\n',
    '{"seq":1}\n',
    of({ feed: undefined }),
    of({ ...own(1), severity: 9, colour: 'green' }),
    of({ ...own(2), severity: '3', tmc: 'x' }),
    of({ ...own(3), start_lat: 0.5 }),
    of({ ...own(4), end_time: '1999-01-01 00:00:00' }),
    of({ ...own(5), timezone: 'Mars/North', state: 'Ohio' }),
    of({ ...own(6), event_time: startAt + 86_400_000 }),
    of({ ...own(7), features: [1] }),
    of({ ...own(8), start_time: '05-04-2022 11:08' }),
    of({ ...own(9), attempt: 0 }),
    of({ ...own(10), description: 'x'.repeat(1_041_000) }),
    `{"feed":"${feed}","seq":11,"attempt":1,"severity":\n`,
    Buffer.concat([
      Buffer.from(`{"feed":"${feed}","seq":12,"city":"`),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}\n'),
    ]),
  ]
  return texts.map((text, index) => ({
    data: Buffer.from(text),
    partitionKey: `refused-${index}`,
    arrivedAt: startAt + index + PUT_MS,
    sequenceNumber: `${feed}-refused-${index}`,
  }))
}
