// Dead letters in words: where they come from, what became of them, and the way back that each has.

import { formatCount, formatMoment } from '../shell/format.js'

const ORIGINS = {
  row: 'could not be read',
  rejected: 'refused by Flink',
  handler: 'not handled',
  oversize: 'too large',
}

/** By origin: what feeding it in again does. */
const WAYS = {
  row: 'It goes through the producer again, under the feed and row that it had, and is counted as recovered. Mend the line first: as it is, it would be put aside again.',
  rejected:
    'It goes through the producer again, under the feed and row that it had, and is counted as recovered. As it is, Flink would refuse it again, unless Flink itself has been mended.',
  handler:
    'It goes to the handler of the consumer again, as it is. Do so when what failed there has been mended.',
  oversize:
    'It is larger than a record of Kinesis may be, so there is no way back: it can only be looked at.',
}

export const nameOfOrigin = (origin) => ORIGINS[origin] ?? origin
export const wayOf = (origin) => WAYS[origin] ?? ''
export const hasWayBack = ({ origin, recovery, doneAt }) =>
  origin !== 'oversize' && recovery === null && doneAt === null

/** What it holds, as far as the api shows it. Bytes that are not UTF-8 are shown as �, so that they can be mended. */
export const textOf = ({ text, base64 }) => text ?? new TextDecoder().decode(bytesOf(base64 ?? ''))

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

/** The api shows the beginning of a long one: what is not whole cannot be mended here. */
export function canBeMended({ origin, text, base64, bytes }) {
  const shown = text === null ? bytesOf(base64 ?? '') : new TextEncoder().encode(text)
  return (origin === 'row' || origin === 'rejected') && shown.length === bytes
}

/** @returns {{ level: string, text: string }} */
export function describeFate({ origin, recovery, doneAt }) {
  if (doneAt !== null) return { level: 'good', text: `done ${formatMoment(doneAt)}` }
  if (recovery !== null) return { level: 'warn', text: 'on its way back' }
  return origin === 'oversize' ? { level: '', text: 'to look at' } : { level: '', text: 'put aside' }
}

/** Where it was: the row of a feed, or the place in a stream. */
export function describePlace({ feed, seq, line, shardId }) {
  return [
    ...(feed === null ? [] : [feed]),
    ...(seq === null ? [] : [`row ${formatCount(seq)}`]),
    ...(line === null ? [] : [`line ${formatCount(line)}`]),
    ...(feed === null && shardId !== null ? [shardId] : []),
  ].join(', ')
}

/** Everything that is known of it. @returns {[name: string, value: string][]} */
export function factsOf(letter) {
  /** @type {[string, string | number | null][]} */
  const facts = [
    ['Put aside', formatMoment(letter.storedAt)],
    ['Because', letter.reason],
    ['From', describePlace(letter)],
    ['File', letter.file],
    ['Attempt', letter.attempt],
    ['Shard', letter.shardId],
    ['Sequence number', letter.sequenceNumber],
    ['Size', `${formatCount(letter.bytes)} bytes`],
    ['Fed in again by', letter.recovery],
  ]
  return facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, String(value)]]))
}
