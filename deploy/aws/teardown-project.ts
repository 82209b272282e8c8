import { RoadpulseError } from '../../lib/errors.ts'
import { LAYERS, type Layer } from '../templates/layers.ts'
import { type Account, openAccount } from './account.ts'
import { ask } from './confirm.ts'
import { describeEvent } from './describe-event.ts'
import { stackNameOf } from './project.ts'
import { createRemainsClients, type RemainsClients } from './remains/clients.ts'
import { askable, DATA_PROBES, type Found, findRemains, STATELESS_PROBES } from './remains/find-remains.ts'
import type { Place, Probe } from './remains/probe.ts'
import { stackStep } from './stack-step.ts'
import { deleteStack, findStack, followStack, listResources, type Stacks } from './stacks.ts'
import { stopFlink } from './stop-flink.ts'
import type { TeardownOptions } from './teardown-options.ts'

/** What holds no data, the last deployed first. */
const STATELESS_LAYERS = LAYERS.filter((layer) => layer !== 'data').toReversed()

/**
 * Takes a project away: the layers without data, and with `withData` the data too. Then asks every service whether it
 * is gone. Throws `PART_FAILED` when something that should be gone is not.
 */
export async function teardownProject(options: TeardownOptions, say: (line: string) => void): Promise<void> {
  const account = await openAccount(options.endpoint)
  const standIn = account.endpoint === undefined ? '' : `; ${account.endpoint} stands in for AWS`
  say(`account ${account.id}, region ${account.region}, as ${account.caller}${standIn}`)
  const run = new Teardown(options, account, say)
  const layers = await run.show()
  if (options.isDryRun) {
    say('nothing was changed')
    return
  }
  await run.confirm(layers)
  for (const layer of layers) await run.removeLayer(layer)
  if (options.withData) await run.removeData()
  await run.prove()
}

class Teardown {
  readonly #options: TeardownOptions
  readonly #account: Account
  readonly #say: (line: string) => void
  readonly #stacks: Stacks
  readonly #clients: RemainsClients
  readonly #place: Place

  constructor(options: TeardownOptions, account: Account, say: (line: string) => void) {
    this.#options = options
    this.#account = account
    this.#say = say
    this.#stacks = {
      client: account.clients.cloudFormation,
      pollMs: account.pollMs,
      onEvent: (event) => say(describeEvent(event)),
    }
    this.#clients = createRemainsClients(account.endpoint !== undefined)
    this.#place = { project: options.project, accountId: account.id, region: account.region }
  }

  /** Tells what would go and what would stay. Returns the layers that are there, in the order in which they go. */
  async show(): Promise<Layer[]> {
    const there: Layer[] = []
    for (const layer of [...STATELESS_LAYERS, ...(this.#options.withData ? (['data'] as const) : [])]) {
      const name = this.#nameOf(layer)
      if ((await findStack(this.#stacks, name)) === undefined) continue
      there.push(layer)
      this.#say(`${layer.padEnd(14)} goes: ${(await listResources(this.#stacks, name)).length} resources`)
    }
    if (there.length === 0) this.#say(`there is no layer of ${this.#options.project} to take away`)
    const data = await this.#findData()
    for (const line of describeFound(data, this.#options.withData ? 'goes' : 'stays')) this.#say(line)
    return there
  }

  async confirm(layers: readonly Layer[]): Promise<void> {
    const { isSure, withData, project } = this.#options
    if (!isSure && layers.length > 0) {
      if (!process.stdin.isTTY)
        throw new RoadpulseError('CONFIGURATION', 'nobody can be asked here: add --yes to take it away')
      if ((await ask(`Take ${project} away? (yes/no) `)) !== 'yes')
        throw new RoadpulseError('CONFIGURATION', 'not confirmed, nothing was changed')
    }
    if (!withData || (await this.#findData()).length === 0) return
    const typed = await ask('Its data cannot be brought back. The name of the project, to delete it: ')
    if (typed !== project)
      throw new RoadpulseError('CONFIGURATION', `"${typed}" is not its name, nothing was changed`)
  }

  async removeLayer(layer: Layer): Promise<void> {
    const name = this.#nameOf(layer)
    if (stackStep(await findStack(this.#stacks, name)) === 'wait') await followStack(this.#stacks, name)
    if (layer === 'flink') {
      const { project } = this.#options
      const hadTo = await stopFlink(this.#account.clients.flink, project, this.#account.pollMs)
      if (hadTo) this.#say('flink          stopped')
    }
    await deleteStack(this.#stacks, name)
    this.#say(`${layer.padEnd(14)} gone`)
  }

  /** What the stack has retained, and what was there without a stack. */
  async removeData(): Promise<void> {
    for (const { probe, remains } of await this.#findData()) {
      for (const { id } of remains) {
        await probe.remove?.(this.#clients, id)
        this.#say(`deleted        ${id}`)
      }
    }
  }

  /** Asks each service by its own API; a stack that is gone proves nothing. */
  async prove(): Promise<void> {
    const { withData, project } = this.#options
    const probes = this.#askable(withData ? [...STATELESS_PROBES, ...DATA_PROBES] : STATELESS_PROBES)
    const left = await findRemains(probes, this.#clients, this.#place)
    for (const line of describeFound(left, 'is left')) this.#say(line)
    if (left.length > 0) {
      const what = left.map(({ probe }) => probe.what).join(', ')
      throw new RoadpulseError('PART_FAILED', `of ${project} is left what should be gone: ${what}`)
    }
    const but = withData ? '' : ', but for the data'
    this.#say(`asked ${probes.length} services and parts of them: nothing of ${project} is left${but}`)
    if (!withData) for (const line of describeFound(await this.#findData(), 'stays')) this.#say(line)
  }

  #findData(): Promise<Found[]> {
    return findRemains(this.#askable(DATA_PROBES), this.#clients, this.#place)
  }

  #askable(probes: readonly Probe[]): readonly Probe[] {
    return askable(probes, this.#account.endpoint !== undefined)
  }

  #nameOf(layer: Layer): string {
    return stackNameOf(this.#options.project, layer)
  }
}

/** A line for each thing, and what of it is known beforehand for a month. */
function describeFound(found: readonly Found[], verb: string): string[] {
  const usd = found.flatMap(({ remains }) => remains).reduce((sum, { usd = 0 }) => sum + usd, 0)
  const lines = found.flatMap(({ probe, remains }) =>
    remains.map(({ id, usd }) => {
      const cost = usd === undefined ? 'by what it holds' : `$${usd.toFixed(2)} a month`
      return `${probe.what.padEnd(14)} ${verb}: ${id}, ${cost}`
    }),
  )
  return usd === 0
    ? lines
    : [...lines, `${' '.repeat(14)} together $${usd.toFixed(2)} a month, and by what they hold`]
}
