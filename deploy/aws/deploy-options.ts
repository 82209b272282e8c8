import { existsSync, readFileSync } from 'node:fs'
import { parseAccessTokens } from '../../api/access/access-tokens.ts'
import { describeError, RoadpulseError } from '../../lib/errors.ts'
import type { Environment } from '../../lib/process/read-options.ts'
import { parseArguments } from '../operate/parse-arguments.ts'
import type { Templates } from '../templates/resolve-layers.ts'
import { faultsOfParameters, knownParameters, OWN_PARAMETERS } from './check-parameters.ts'
import { projectFaults } from './project.ts'

export type DeployOptions = {
  project: string
  /** Parameters of the templates that are given a value now. */
  parameters: Record<string, string>
  /** An image that the repository has already; else that of this working copy. */
  imageTag: string | undefined
  /** The job, built already. */
  jar: string | undefined
  isDryRun: boolean
  isSure: boolean
  mayReplaceData: boolean
  /** What stands in for AWS. */
  endpoint: string | undefined
}

/** Reads command line and environment. Throws one `CONFIGURATION` error that names every fault; nothing for `--help`. */
export function readDeployOptions(
  args: readonly string[],
  environment: Environment,
  templates: Templates,
): DeployOptions | undefined {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      project: { type: 'string' },
      set: { type: 'string', multiple: true },
      parameters: { type: 'string' },
      'image-tag': { type: 'string' },
      jar: { type: 'string' },
      'dry-run': { type: 'boolean' },
      yes: { type: 'boolean' },
      'allow-replacement': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return undefined
  const { project = 'roadpulse', set = [] } = values
  const faults = positionals.map((word) => `"${word}" is not understood`)
  faults.push(...projectFaults(project))
  const secrets = secretsOf(environment)
  const parameters = {
    ...(values.parameters === undefined ? {} : readParameters(values.parameters, faults)),
    ...readSettings(set, templates, faults),
    ...secrets,
  }
  for (const name of OWN_PARAMETERS) {
    if (parameters[name] !== undefined) faults.push(`${name} is not given, it follows from what is deployed`)
    delete parameters[name]
  }
  faults.push(...faultsOfParameters(templates, parameters), ...tokenFaults(parameters.ApiTokens))
  if (values.jar !== undefined && !existsSync(values.jar)) faults.push(`--jar: there is no ${values.jar}`)
  if (values.yes === true && values['dry-run'] === true)
    faults.push('--yes and --dry-run contradict each other')
  if (faults.length > 0) throw new RoadpulseError('CONFIGURATION', faults.join('; '))
  return {
    project,
    parameters,
    imageTag: values['image-tag'],
    jar: values.jar,
    isDryRun: values['dry-run'] === true,
    isSure: values.yes === true,
    mayReplaceData: values['allow-replacement'] === true,
    endpoint: environment.AWS_ENDPOINT_URL === '' ? undefined : environment.AWS_ENDPOINT_URL,
  }
}

function secretsOf({ API_TOKENS }: Environment): Record<string, string> {
  return API_TOKENS === undefined || API_TOKENS === '' ? {} : { ApiTokens: API_TOKENS }
}

function readSettings(
  settings: readonly string[],
  templates: Templates,
  faults: string[],
): Record<string, string> {
  const known = knownParameters(templates)
  const entries = settings.flatMap((text) => {
    const at = text.indexOf('=')
    const name = text.slice(0, at)
    if (at <= 0) faults.push(`--set: got "${text}", expected Name=Value`)
    else if (known.get(name)?.NoEcho === true)
      faults.push(`--set ${name}: a secret does not belong on a command line, which others can see`)
    else return [[name, text.slice(at + 1)]]
    return []
  })
  return Object.fromEntries(entries) as Record<string, string>
}

/** A JSON object of names and texts, numbers or booleans. */
function readParameters(file: string, faults: string[]): Record<string, string> {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as unknown
    if (content === null || typeof content !== 'object' || Array.isArray(content)) {
      faults.push(`--parameters ${file}: expected one JSON object, as {"Size": "small"}`)
      return {}
    }
    const entries = Object.entries(content).map(([name, value]) => [name, String(value)])
    return Object.fromEntries(entries) as Record<string, string>
  } catch (error) {
    faults.push(`--parameters ${file}: ${describeError(error)}`)
    return {}
  }
}

/** The same look at them as when the api starts. */
function tokenFaults(tokens: string | undefined): string[] {
  if (tokens === undefined) return []
  try {
    parseAccessTokens(tokens)
    return []
  } catch (error) {
    return [describeError(error)]
  }
}
