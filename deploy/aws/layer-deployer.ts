import type { ResourceChange, Stack } from '@aws-sdk/client-cloudformation'
import { RoadpulseError } from '../../lib/errors.ts'
import { LAYERS, type Layer } from '../templates/layers.ts'
import type { Templates } from '../templates/resolve-layers.ts'
import type { Account } from './account.ts'
import { type ChangeSet, createChangeSet, discardChangeSet, executeChangeSet } from './change-set.ts'
import { dataAtRisk } from './data-at-risk.ts'
import { forTarget, locateTemplate } from './locate-template.ts'
import { type DeployedLayers, planParameters } from './plan-parameters.ts'
import { PROJECT_TAG, stackNameOf } from './project.ts'
import { adviceFor, stackStep } from './stack-step.ts'
import { deleteStack, findStack, followStack, type OnStackEvent, type Stacks } from './stacks.ts'

/** Deploys the layers of one project, each by a change set. */
export class LayerDeployer {
  readonly #account: Account
  readonly #stacks: Stacks
  readonly #project: string
  readonly #templates: Templates
  /** The layers as they are, kept up to date. */
  readonly deployed: DeployedLayers = {}

  constructor(options: {
    account: Account
    project: string
    templates: Templates
    onEvent: OnStackEvent
  }) {
    this.#account = options.account
    this.#project = options.project
    this.#templates = options.templates
    this.#stacks = {
      client: options.account.clients.cloudFormation,
      pollMs: options.account.pollMs,
      onEvent: options.onEvent,
    }
  }

  /** Reads what is there. Waits for what CloudFormation is still at, from an earlier deploy that was left. */
  async look(): Promise<void> {
    for (const layer of LAYERS) {
      const stack = await this.#settled(layer)
      if (stackStep(stack) === 'stuck' && stack !== undefined)
        throw new RoadpulseError('PART_FAILED', adviceFor(stack))
      if (stack !== undefined && stackStep(stack) === 'update') this.deployed[layer] = stack
    }
  }

  output(layer: Layer, name: string): string | undefined {
    return this.deployed[layer]?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue
  }

  /** What deploying the layer would change, without changing it: nothing when it would not. */
  async preview(layer: Layer, chosen: Readonly<Record<string, string>>): Promise<ResourceChange[]> {
    const changeSet = await this.#createChangeSet(layer, chosen)
    if (changeSet === undefined) return []
    await discardChangeSet(this.#stacks, changeSet)
    return changeSet.changes
  }

  /**
   * Makes the layer what its template says. Tells whether that changed anything. Refuses, with `CONFIGURATION` and
   * before anything has happened, to replace or remove what holds data, unless it may.
   */
  async deploy(
    layer: Layer,
    chosen: Readonly<Record<string, string>>,
    mayReplaceData: boolean,
  ): Promise<boolean> {
    const name = stackNameOf(this.#project, layer)
    if (stackStep(await this.#settled(layer)) === 'remake') await deleteStack(this.#stacks, name)
    const changeSet = await this.#createChangeSet(layer, chosen)
    if (changeSet === undefined) return false
    const atRisk = dataAtRisk(changeSet.changes, this.#account.endpoint !== undefined)
    if (atRisk.length > 0 && !mayReplaceData) {
      await discardChangeSet(this.#stacks, changeSet)
      throw new RoadpulseError('CONFIGURATION', refusalOf(layer, atRisk))
    }
    this.deployed[layer] = await executeChangeSet(this.#stacks, changeSet)
    return true
  }

  async #createChangeSet(
    layer: Layer,
    chosen: Readonly<Record<string, string>>,
  ): Promise<ChangeSet | undefined> {
    const { region, endpoint, clients } = this.#account
    const { template } = forTarget(this.#templates[layer], endpoint !== undefined)
    const bucket = { name: this.output('data', 'ArtifactBucketName'), s3: clients.s3, region, endpoint }
    return createChangeSet(this.#stacks, {
      name: stackNameOf(this.#project, layer),
      template: await locateTemplate(layer, template, bucket),
      parameters: planParameters(layer, this.#templates, chosen, this.deployed),
      tags: [{ Key: PROJECT_TAG, Value: this.#project }],
    })
  }

  async #settled(layer: Layer): Promise<Stack | undefined> {
    const name = stackNameOf(this.#project, layer)
    const found = await findStack(this.#stacks, name)
    if (stackStep(found) !== 'wait') return found
    return (await followStack(this.#stacks, name)).stack
  }
}

/** Why a layer is not deployed, and what to do when it is meant. */
export function refusalOf(layer: Layer, atRisk: readonly ResourceChange[]): string {
  const names = atRisk.map(({ Action, LogicalResourceId, ResourceType }) => {
    const does = Action === 'Remove' ? 'removes' : 'replaces'
    return `${does} ${LogicalResourceId} (${ResourceType})`
  })
  return `${layer}: ${names.join(', ')}, and what it holds is lost or left behind; --allow-replacement does it all the same`
}
