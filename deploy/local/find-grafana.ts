import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findOnPath } from './find-on-path.ts'

export type Grafana = { program: string; args: readonly string[] }

/** A Grafana server on the path; `grafana-server` is what versions before 9.4 have. */
export function findGrafana(path: string): Grafana | undefined {
  const program = findOnPath(path, 'grafana', 'grafana-server')
  if (program === undefined) return undefined
  const home = homeOf(program)
  return {
    program,
    args: [
      ...(program.endsWith('/grafana') ? ['server'] : []),
      ...(home === undefined ? [] : ['--homepath', home]),
    ],
  }
}

/** Where its defaults and pages are: around the program, or where its packages put them. */
function homeOf(program: string): string | undefined {
  const around = dirname(dirname(realpathSync(program)))
  const homes = [around, join(around, 'share/grafana'), '/usr/share/grafana']
  return homes.find((folder) => existsSync(join(folder, 'conf/defaults.ini')))
}
