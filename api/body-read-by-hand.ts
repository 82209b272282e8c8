import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/**
 * Leaves the body to its route, which names all of its faults at once and drops no field that is misspelt. What else comes
 * with the request is held against its schema here: texts, of which none is read as anything else.
 */
export const bodyReadByHand: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  if (httpPart === 'body') return (value: unknown) => ({ value })
  const validator = Compile(schema)
  return (value: unknown) =>
    validator.Check(value) ? { value } : { error: validator.Errors(value) as never }
}
