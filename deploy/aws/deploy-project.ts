import type { StackEvent } from '@aws-sdk/client-cloudformation'
import { RoadpulseError } from '../../lib/errors.ts'
import { estimateCosts } from '../costs/estimate-costs.ts'
import { LAYERS } from '../templates/layers.ts'
import { resolveLayers, type Templates } from '../templates/resolve-layers.ts'
import { type Account, openAccount } from './account.ts'
import { faultsOfRules } from './check-parameters.ts'
import { checkPrerequisites } from './check-prerequisites.ts'
import { ask } from './confirm.ts'
import { dataAtRisk } from './data-at-risk.ts'
import type { DeployOptions } from './deploy-options.ts'
import { describeEvent } from './describe-event.ts'
import { describeCosts, describePlan, sumOf } from './describe-plan.ts'
import { imageTag } from './image.ts'
import { LayerDeployer, refusalOf } from './layer-deployer.ts'
import { type LayerPlan, planLayers } from './plan.ts'
import { type DeployedLayers, effectiveParameters } from './plan-parameters.ts'
import { RolloutSteps } from './rollout-steps.ts'
import { missingServiceRoles } from './service-linked-roles.ts'
import { chooseTarget, type Target } from './target.ts'

const DEFAULT_ROWS_PER_SECOND = 50

/** Deploys a project: looks, shows what would change and cost, asks, and does it layer by layer. */
export async function deployProject(
  options: DeployOptions,
  templates: Templates,
  say: (line: string) => void,
): Promise<void> {
  const account = await openAccount(options.endpoint)
  const standIn = account.endpoint === undefined ? '' : `; ${account.endpoint} stands in for AWS`
  say(`account ${account.id}, region ${account.region}, as ${account.caller}${standIn}`)
  const onEvent = (event: StackEvent) => say(describeEvent(event))
  const deployer = new LayerDeployer({ account, project: options.project, templates, onEvent })
  await deployer.look()
  const { deployed } = deployer
  const tag = options.imageTag ?? imageTag()
  const values = effectiveParameters(options.parameters, deployed)
  const faults = [
    ...faultsOfRules(templates, values),
    ...(await checkPrerequisites(account, options, { imageTag: tag, values, deployed })),
  ]
  if (faults.length > 0) throw new RoadpulseError('PREREQUISITE_MISSING', faults.join('; '))

  const target = await chooseTarget(options, tag, deployed, say)
  const plans = await planLayers(
    deployer,
    templates,
    target.chosen,
    target.values,
    account.endpoint !== undefined,
  )
  const roles = await missingServiceRoles(account.clients.iam)
  for (const line of describePlan(plans)) say(line)
  if (roles.length > 0) say(`service-linked roles for ${roles.join(', ')}`)
  say('')
  for (const line of estimate(templates, target, deployed)) say(line)
  say('')
  checkRisk(plans, options)
  if (options.isDryRun) {
    say('nothing was changed')
    return
  }
  if (plans.some(({ kind }) => kind !== 'unchanged')) await confirm(options, account)
  const steps = new RolloutSteps({ account, project: options.project, deployer, target, say })
  await steps.makeServiceRoles(roles)
  for (const layer of LAYERS) {
    await steps.before(layer)
    const isChanged = await deployer.deploy(layer, target.chosen, options.mayReplaceData)
    say(`${layer.padEnd(14)} ${isChanged ? 'deployed' : 'unchanged'}`)
    await steps.after(layer)
  }
  for (const line of steps.addresses()) say(line)
}

function estimate(templates: Templates, target: Target, deployed: DeployedLayers): string[] {
  const costsOf = (values: Record<string, string>) =>
    estimateCosts(resolveLayers(templates, values), Number(values.LiveRate ?? DEFAULT_ROWS_PER_SECOND))
  const isComplete = LAYERS.every((layer) => deployed[layer] !== undefined)
  const sofar = isComplete ? sumOf(costsOf(effectiveParameters({}, deployed))) : undefined
  return [
    'US dollars a month (docs/aws.md says how it is computed):',
    ...describeCosts(costsOf(target.values), sofar),
  ]
}

/** What would be refused on the way is refused before it begins. */
function checkRisk(plans: readonly LayerPlan[], { mayReplaceData, endpoint }: DeployOptions): void {
  const refusals = plans.flatMap(({ layer, changes }) => {
    const atRisk = dataAtRisk(changes, endpoint !== undefined)
    return atRisk.length === 0 || mayReplaceData ? [] : refusalOf(layer, atRisk)
  })
  if (refusals.length > 0) throw new RoadpulseError('CONFIGURATION', refusals.join('; '))
}

async function confirm({ isSure, project }: DeployOptions, { id, region }: Account): Promise<void> {
  if (isSure) return
  if (!process.stdin.isTTY)
    throw new RoadpulseError('CONFIGURATION', 'nobody can be asked here: add --yes to deploy')
  const answer = await ask(`Deploy ${project} to account ${id}, region ${region}? (yes/no) `)
  if (answer !== 'yes') throw new RoadpulseError('CONFIGURATION', 'not confirmed, nothing was changed')
}
