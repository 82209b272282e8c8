import type { RawEvent } from '../events/raw-event.ts'
import type { RecoveredLetter } from './letters-source.ts'

/** One row of a source as bytes, without its line ending, and its place. */
export type SourceRow = {
  /** The object that it is of, s3://bucket/key, where the source has several. */
  file?: string
  /** Byte of its object, unzipped, at which it begins. */
  offset: number
  /** Line at which it begins. */
  line: number
  /** Byte and line at which the next row begins. */
  nextOffset: number
  nextLine: number
  bytes: Buffer
  /** Of a CSV: whether it has quotes, so that its fields are not simply what is between the commas. */
  quoted: boolean
  /** Why it cannot be a row, when that shows before it is read. */
  fault?: string
  /** When it happened, epoch ms, where the rows of the source come in that order. */
  at?: number
  /** Of the raw layer: the event, and whether the same one was read before. */
  stored?: { event: RawEvent; isRepeated: boolean }
  /** Of a recovery: the dead letter. */
  letter?: RecoveredLetter
}
