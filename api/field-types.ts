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

/** A place on the page's map. */
export const MapPlace = Type.Unsafe<{ x: number; y: number } | null>({
  type: ['object', 'null'],
  description: "where it lies on the page's map of 975 x 610 (Albers USA); null outside of it",
  properties: { x: { type: 'number' }, y: { type: 'number' } },
  required: ['x', 'y'],
})
