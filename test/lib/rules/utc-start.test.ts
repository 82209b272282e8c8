import t from 'tap'
import { utcStart } from '../../../lib/rules/utc-start.ts'

function utc(start_time: string, timezone = 'US/Eastern', state = 'NY'): string | undefined {
  const ms = utcStart({ start_time, timezone, state })
  return ms === undefined ? undefined : new Date(ms).toISOString()
}

t.test('a start is an hour off where the dataset names the wrong zone', async (t) => {
  t.equal(utc('2022-07-01 08:30:00', 'US/Mountain', 'AZ'), '2022-07-01T15:30:00.000Z')
  t.equal(utc('2022-07-01 08:30:00', 'US/Mountain', 'CO'), '2022-07-01T14:30:00.000Z')
  t.equal(utc('2022-07-01 08:30:00', 'US/Pacific', 'LA'), '2022-07-01T13:30:00.000Z')
  t.equal(utc('2022-07-01 08:30:00', 'America/Denver', 'CO'), '2022-07-01T14:30:00.000Z')
})

t.test('a start around a change of the clocks is taken for the wrong hour', async (t) => {
  t.equal(utc('2022-03-13 01:59:59'), '2022-03-13T06:59:59.000Z')
  t.equal(utc('2022-03-13 02:30:00'), '2022-03-13T07:30:00.000Z', 'left out: counted on')
  t.equal(utc('2022-03-13 03:00:00'), '2022-03-13T07:00:00.000Z')
  t.equal(utc('2022-11-06 01:30:00'), '2022-11-06T05:30:00.000Z', 'comes twice: the first')
  t.equal(utc('2022-11-06 02:00:00'), '2022-11-06T07:00:00.000Z')
  t.equal(utc('2022-12-31 23:00:00', 'US/Pacific', 'CA'), '2023-01-01T07:00:00.000Z')
})

t.test('a form of the time that the dataset has is not read, or one that is none is', async (t) => {
  t.equal(utc('2022-07-01T08:30:00'), '2022-07-01T12:30:00.000Z')
  t.equal(utc('2022-07-01 08:30:00.000000000'), '2022-07-01T12:30:00.000Z')
  t.equal(utc('2022-07-01 08:30:42.516'), '2022-07-01T12:30:42.516Z')
  for (const text of [
    '2022-06-31 08:30:00',
    '2022-07-01 24:00:00',
    '2022-07-01 08:30',
    '7/1/2022 8:30',
    '',
  ]) {
    t.equal(utc(text), undefined, text)
  }
  t.equal(utc('2022-07-01 08:30:00', 'US/Nowhere'), undefined)
  t.equal(utcStart({ start_time: '2022-07-01 08:30:00' }), undefined)
})
