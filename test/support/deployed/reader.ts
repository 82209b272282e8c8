import type { Properties } from '../../../deploy/templates/template.ts'

/**
 * Asks the service that has a resource what it is like, in the words of the template. `id` is how CloudFormation calls
 * it, `properties` what the template says, where the id alone does not find it.
 */
export type Reader = (id: string, properties: Properties) => Promise<Record<string, unknown>>

export const json = (text: string | undefined): unknown => JSON.parse(text ?? 'null')
/** A policy as IAM gives it. */
export const decoded = (text: string | undefined): unknown => json(decodeURIComponent(text ?? 'null'))
