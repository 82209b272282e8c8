import type { Equality, Expectation, Range } from './expectation.ts'

/** One series of the answer to an instant query. */
export type Sample = { labels: Readonly<Record<string, string>>; value: number }

/** What else was asked at about the same time. */
export type Context = {
  /** The answers to the queries of the same panel, by legend. */
  panel: Readonly<Record<string, readonly Sample[]>>
  /** What the api answered, by path. */
  api: Readonly<Record<string, unknown>>
}

/** All that speaks against an answer, in words; nothing when it is as the panel expects. */
export function judgeAnswer(expects: Expectation, answer: readonly Sample[], context: Context): string[] {
  if (expects.kind === 'empty')
    return answer
      .filter(({ value }) => value !== 0)
      .map((sample) => `${describe(sample)}, where nothing is expected: ${expects.because}`)
  const misshapen = judgeShape(expects, answer)
  if (misshapen.length > 0) return misshapen
  return expects.kind === 'range'
    ? answer.flatMap((sample) => judgeRange(expects, sample, context))
    : judgeEquality(expects, answer, context)
}

function judgeShape(expects: Range | Equality, answer: readonly Sample[]): string[] {
  const { labels = {}, series = 1 } = expects
  if (answer.length < series) return [`${answer.length} series instead of at least ${series}`]
  const names = Object.keys(labels).sort().join(', ')
  if (names === '' && answer.length > 1) return [`${answer.length} series instead of one`]
  return answer.flatMap((sample) => {
    const has = Object.keys(sample.labels).sort().join(', ')
    if (has !== names) return [`a series by (${has}) instead of (${names})`]
    return Object.entries(labels).flatMap(([label, values]) => {
      const value = sample.labels[label] ?? ''
      return values === 'any' || values.includes(value)
        ? []
        : [`${label} is ${value}, not ${values.join(' or ')}`]
    })
  })
}

function judgeRange(expects: Range, sample: Sample, { panel }: Context): string[] {
  const { atLeast = -Infinity, atMost = Infinity, above, highestOf, mayBeIdle = false } = expects
  const { value } = sample
  if (mayBeIdle && Number.isNaN(value)) return []
  const complaints: string[] = []
  // What is no number is within no bounds.
  if (!(value >= atLeast && value <= atMost)) complaints.push(`not within ${atLeast} to ${atMost}`)
  if (above !== undefined && !(value > onlyValue(panel[above]))) complaints.push(`not above ${above}`)
  if (highestOf !== undefined && value !== highest(panel[highestOf]))
    complaints.push(`not the highest of ${highestOf}`)
  return complaints.map((complaint) => `${describe(sample)} is ${complaint}`)
}

function judgeEquality(expects: Equality, answer: readonly Sample[], { api }: Context): string[] {
  const { figure, within = 0, labels = {} } = expects
  const figures = figure.read(api[figure.path])
  return answer.flatMap((sample) => {
    const key = Object.keys(labels)
      .map((label) => sample.labels[label])
      .join()
    const wanted = typeof figures === 'number' ? figures : (figures[key] ?? 0)
    const apart = Math.abs(sample.value - wanted)
    const isNear = apart <= within * Math.max(Math.abs(sample.value), Math.abs(wanted))
    return isNear ? [] : [`${describe(sample)}, and the api says ${wanted} (${figure.path})`]
  })
}

function onlyValue(samples: readonly Sample[] = []): number {
  return samples.length === 1 ? (samples[0]?.value ?? Number.NaN) : Number.NaN
}

function highest(samples: readonly Sample[] = []): number {
  return Math.max(...samples.map(({ value }) => value))
}

function describe({ labels, value }: Sample): string {
  const named = Object.entries(labels).map(([label, text]) => `${label}=${text}`)
  return named.length === 0 ? `${value}` : `${value} (${named.join(', ')})`
}
