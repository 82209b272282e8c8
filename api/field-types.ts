import { type Static, type TSchema, Type } from 'typebox'

/** A moment in an answer: ISO 8601, UTC, milliseconds. */
export const IsoTime = Type.String({ format: 'date-time' })

export const toIsoTime = (epochMs: number) => new Date(epochMs).toISOString()

export const toIsoTimeOrNull = (epochMs: number | undefined) =>
  epochMs === undefined ? null : toIsoTime(epochMs)

/** A field that is always there and null when there is nothing to say. Written as OpenAPI 3.1 has it. */
export function nullable<T extends TSchema & { type: string }>(schema: T, description?: string) {
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [schema.type, 'null'],
    ...(description === undefined ? {} : { description }),
  })
}
