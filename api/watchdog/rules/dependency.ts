import { DEPENDENCIES, type Dependency } from '../observation.ts'
import type { Rule } from './rule.ts'

export const DEPENDENCY_NAMES: Record<Dependency, string> = { kinesis: 'Kinesis', s3: 'S3', sns: 'SNS' }

/** A service that ours are built on does not answer. Redis is not among them: without it there is no pass at all. */
export const dependency: Rule = {
  kind: 'dependency',
  openAfterMs: 5_000,
  closeAfterMs: 10_000,
  find: (view) =>
    DEPENDENCIES.flatMap((service) => {
      const error = view.observation.failingDependencies[service]
      if (error === undefined) return []
      const since = view.memory.conditions[`dependency.${service}`]?.since ?? view.time
      return [
        {
          service,
          severity: 'critical',
          summary: `${DEPENDENCY_NAMES[service]} cannot be reached since ${view.at(since)}.`,
          workers: [],
          details: { error: error.slice(0, MAX_ERROR_LENGTH) },
        },
      ]
    }),
}

const MAX_ERROR_LENGTH = 500
