import type { ResourceChange } from '@aws-sdk/client-cloudformation'
import { hasCode } from '../../lib/errors.ts'
import { LAYERS, type Layer } from '../templates/layers.ts'
import { presentResources } from '../templates/resolve.ts'
import type { Templates } from '../templates/resolve-layers.ts'
import type { LayerDeployer } from './layer-deployer.ts'
import { forTarget } from './locate-template.ts'

/** What deploying would do to one layer. */
export type LayerPlan = {
  layer: Layer
  /** `later`: an earlier layer, which it refers to, has to be deployed before CloudFormation can work it out. */
  kind: 'create' | 'update' | 'unchanged' | 'later'
  changes: ResourceChange[]
  /** Logical names, by their type: of what is created, where there are no changes to show yet. */
  contents: Map<string, string[]>
  /** What AWS would have, and the stand-in does not know. */
  leftOut: string[]
}

/** Asks CloudFormation for the changes of every layer, and for nothing else. */
export async function planLayers(
  deployer: LayerDeployer,
  templates: Templates,
  chosen: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
  isStandIn: boolean,
): Promise<LayerPlan[]> {
  const plans: LayerPlan[] = []
  for (const layer of LAYERS) {
    const { template, leftOut } = forTarget(templates[layer], isStandIn)
    const present = presentResources(templates[layer], values)
    const plan = {
      layer,
      contents: new Map(),
      changes: [],
      leftOut: leftOut.filter((name) => present.includes(name)),
    }
    const isThere = deployer.deployed[layer] !== undefined
    const contents = Map.groupBy(
      present.filter((name) => !leftOut.includes(name)),
      (name) => template.Resources[name]?.Type ?? '',
    )
    const later: LayerPlan = { ...plan, kind: 'later', contents }
    const isEarlierMissing = plans.some(({ layer }) => deployer.deployed[layer] === undefined)
    if (!isThere && isEarlierMissing && JSON.stringify(template).includes('Fn::ImportValue')) {
      plans.push(later)
      continue
    }
    try {
      const all = await deployer.preview(layer, chosen)
      // The stand-in also adds what conditions rule out.
      const changes = all.filter(
        ({ Action, LogicalResourceId = '' }) => Action !== 'Add' || present.includes(LogicalResourceId),
      )
      const kind = changes.length === 0 ? 'unchanged' : isThere ? 'update' : 'create'
      plans.push({ ...plan, kind, changes })
    } catch (error) {
      // It may refer to what an earlier layer is only about to export.
      if (!hasCode(error, 'PART_FAILED') || plans.every(({ kind }) => kind === 'unchanged')) throw error
      plans.push(later)
    }
  }
  return plans
}
