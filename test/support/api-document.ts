import type { FastifyInstance } from 'fastify'

export type Schema = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minItems?: number
  maxItems?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean
  anyOf?: Schema[]
}

type Response = { content?: Record<string, { schema: Schema }>; headers?: object }

/** What the OpenAPI document says of one method of one path. */
export type Operation = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its parameters in braces. */
  path: string
  parameters: { in: 'path' | 'query' | 'header'; name: string; required?: boolean; schema: Schema }[]
  body: Schema | undefined
  responses: Record<string, Response>
  security: object[]
}

export type ApiDocument = {
  paths: Record<string, Record<string, Partial<Operation> & { requestBody?: Response }>>
}

export async function readApiDocument(app: FastifyInstance): Promise<ApiDocument> {
  return (await app.inject('/docs/json')).json()
}

export function operationsOf({ paths }: ApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase() as Operation['method'],
      path,
      parameters: operation.parameters ?? [],
      body: operation.requestBody?.content?.['application/json']?.schema,
      responses: operation.responses ?? {},
      security: operation.security ?? [],
    })),
  )
}

/** The operation that answers a request to this path. */
export function operationAt(document: ApiDocument, method: string, url: string): Operation | undefined {
  const path = url.split('?', 1)[0] ?? ''
  const fits = (one: Operation) =>
    one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)
  return operationsOf(document).find(fits)
}

/** The codes of the problems that an operation answers with this status; none when it is not one of problems. */
export function codesOf({ responses }: Pick<Operation, 'responses'>, status: number | string): string[] {
  const schema = responses[status]?.content?.['application/problem+json']?.schema
  return (schema?.properties?.['code']?.enum as string[] | undefined) ?? []
}

/** What an answer has that the document does not tell of; undefined when it tells all. */
export function untold(
  operation: Operation,
  answer: { status: number; code: string | undefined },
): string | undefined {
  if (operation.responses[answer.status] === undefined) return `status ${answer.status}`
  const isTold = answer.code === undefined || codesOf(operation, answer.status).includes(answer.code)
  return isTold ? undefined : `code ${answer.code} with status ${answer.status}`
}
