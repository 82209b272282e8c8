import { readFileSync } from 'node:fs'

/** US dollars in us-east-1, in November 2026. Each is one number of AWS's price list. */
const PRICES = JSON.parse(readFileSync(new URL('./prices.json', import.meta.url), 'utf8')) as Prices
type Prices = Record<string, number> & { redisNodeHour: Record<string, number> }

/** A month, as AWS counts it in its examples. */
export const HOURS = 730

/** One line of the estimate: what there is of it, and dollars a month. `how` is the arithmetic, for people. */
export type CostLine = { what: string; how: string; usd: number }

/** One line of one part, or none when there is nothing of it. */
export function lineOf(what: string, amount: number, unit: string, name: string): CostLine[] {
  return amount === 0 ? [] : [line(what, [amount, unit, price(name)])]
}

/** One line of the sum of its parts. */
export function line(what: string, ...parts: [amount: number, unit: string, usdEach: number][]): CostLine {
  const how = parts.map(([amount, unit, each]) =>
    `${round(amount)} ${unit} x $${round(each)}`.replace('  ', ' '),
  )
  return { what, how: how.join(' + '), usd: parts.reduce((usd, [amount, , each]) => usd + amount * each, 0) }
}

/** Three digits and no more, so that the arithmetic can be followed. */
function round(value: number): string {
  return `${Number(value >= 100 ? value.toFixed(0) : value.toPrecision(3))}`
}

export function price(name: string): number {
  const found = PRICES[name]
  if (found === undefined) throw new Error(`there is no price ${name}`)
  return found
}

export function redisNodeHour(type: string): number {
  const found = PRICES.redisNodeHour[type]
  if (found === undefined) throw new Error(`there is no price of ${type}`)
  return found
}
