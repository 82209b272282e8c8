import type { RemainsClients } from './clients.ts'

/** Where to look: the names of all that a project has follow from these. */
export type Place = { project: string; accountId: string; region: string }

/** Something that is there. */
export type Remain = {
  /** As its service knows it. */
  id: string
  /** Dollars a month, where they do not depend on what it holds. */
  usd?: number
}

/**
 * How to find through its own service what a project has of one type, stack or no stack. What is data also knows how to
 * be deleted: its stack retains it.
 */
export type Probe = {
  /** As CloudFormation calls it. */
  type: string
  what: string
  find(clients: RemainsClients, place: Place): Promise<Remain[]>
  remove?(clients: RemainsClients, id: string): Promise<unknown>
}

/** What is found, or nothing where the service answers by one of these errors that there is no such thing. */
export async function unlessMissing<T>(answer: Promise<T[]>, ...errors: readonly string[]): Promise<T[]> {
  try {
    return await answer
  } catch (error) {
    if (errors.includes((error as Error).name)) return []
    throw error
  }
}
