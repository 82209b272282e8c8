import { execFile } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = new URL('../../', import.meta.url).pathname

/** Whom the image's user stands for here. Only root can run something as somebody else. */
export const IMAGE_USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

export type BuiltImage = {
  /** Where its WORKDIR is. Nothing below it can be written. */
  folder: string
  environment: Record<string, string>
  entrypoint: string[]
}

/**
 * Does in plain folders below `folder` what the Dockerfile says, a folder for each stage, for machines without Docker.
 * Only instructions that ours has are known: another one is an error, so that none is passed over.
 */
export async function buildImage(folder: string): Promise<BuiltImage> {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, '')
  const stages = new Map<string, string>()
  let stage = ''
  let environment: Record<string, string> = {}
  let entrypoint: string[] = []
  let user: typeof IMAGE_USER = {}
  const home = join(folder, 'home')
  mkdirSync(home)
  if (IMAGE_USER.uid !== undefined) chownSync(home, IMAGE_USER.uid, IMAGE_USER.gid)
  for (const line of text.split('\n')) {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    switch (instruction) {
      case 'FROM': {
        const name = / AS (\w+)$/.exec(rest)?.[1] ?? 'last'
        stage = join(folder, name)
        mkdirSync(stage)
        stages.set(name, stage)
        environment = {}
        break
      }
      case 'COPY':
        copy(rest, stage, stages)
        break
      case 'RUN': {
        const [program = '', ...args] = rest.split(' ')
        if (program !== 'npm') throw new Error(`the image runs ${program}, which not every machine has`)
        await run(program, args, { cwd: stage, env: { ...process.env, ...environment, HOME: home }, ...user })
        break
      }
      case 'ENV':
        for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=("[^"]*"|\S+)/g))
          environment[name] = value.replaceAll('"', '').replace('/home/node', home)
        break
      case 'USER':
        user = IMAGE_USER
        break
      case 'ENTRYPOINT':
        entrypoint = JSON.parse(rest) as string[]
        break
      case '':
      case 'ARG':
      case 'WORKDIR':
      case 'VOLUME':
      case 'EXPOSE':
      case 'HEALTHCHECK':
      case 'CMD':
        break
      default:
        throw new Error(`what ${instruction} does in the Dockerfile is not known here`)
    }
  }
  forbidWriting(stage)
  forbidWriting(home)
  return { folder: stage, environment, entrypoint }
}

/** `COPY a b c folder`, or `COPY --from=stage /app/a a`. */
function copy(rest: string, stage: string, stages: ReadonlyMap<string, string>): void {
  const [, from, paths = rest] = /^--from=(\w+) (.+)$/.exec(rest) ?? []
  const words = paths.split(' ')
  const target = words.pop() ?? ''
  for (const word of words) {
    const source =
      from === undefined ? join(ROOT, word) : join(stages.get(from) ?? '', word.replace('/app/', ''))
    const isFolder = target.endsWith('/')
    cpSync(source, join(stage, isFolder ? word : target), { recursive: true, verbatimSymlinks: true })
  }
}

function forbidWriting(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o444)
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o555)
  }
  chmodSync(folder, 0o555)
}

/** So that a folder of an image can be removed. */
export function allowWriting(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) allowWriting(join(folder, entry.name))
  }
}
