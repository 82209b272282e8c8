import t from 'tap'
import { readLiveFilter } from '../../../workers/producer/live-plan.ts'
import type { ProducerOptions } from '../../../workers/producer/options.ts'

const read = (LIVE_FILTER: string) => readLiveFilter({ LIVE_FILTER } as ProducerOptions)

t.test('a wrong filter is taken, or only its first fault is named', async (t) => {
  t.same(read('{"states": ["TX"]}'), { states: ['TX'] })
  const wrong = '{"states": ["Texas"], "severities": [7], "city": "Austin"}'
  t.throws(() => read(wrong), {
    code: 'CONFIGURATION',
    message: /LIVE_FILTER.*states\.0 .*severities\.0 /,
  })
  t.throws(() => read(wrong), { message: /city is not a field of a filter/ })
  t.throws(() => read('states=TX'), { code: 'CONFIGURATION', message: /expected JSON/ })
})
