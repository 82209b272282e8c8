import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Artifact, contentHash, nameByContent, readArtifact } from './upload-artifact.ts'
import { zip } from './zip.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const GLUE = `${ROOT}deploy/glue/`
const GLUE_PACKAGE = 'roadpulse_glue'

/** The Glue job: its script, and the package that it imports. */
export type GlueArtifacts = { script: Artifact; library: Artifact }

export function jarArtifact(file: string): Artifact {
  return readArtifact('flink/job', '.jar', file)
}

/** Nothing while the repository has no Glue job. */
export function glueArtifacts(folder = GLUE): GlueArtifacts | undefined {
  if (!existsSync(`${folder}curate.py`)) return undefined
  const script = readFileSync(`${folder}curate.py`)
  const library = nameByContent(`glue/${GLUE_PACKAGE}`, '.zip', zip(packageFiles(folder)))
  // Its name covers the package too: Glue takes over neither unless the job changes.
  const key = `glue/curate-${contentHash(script, library.key)}.py`
  return { script: { key, content: script }, library }
}

/** The package, and in it the rules that more than one language applies. */
function packageFiles(folder: string): Record<string, Buffer> {
  const modules = globSync(`${GLUE_PACKAGE}/**/*.{py,json,sql}`, { cwd: folder }).map((file) => [
    file,
    readFileSync(`${folder}${file}`),
  ])
  const rules = globSync('*.json', { cwd: `${ROOT}lib/rules` }).map((file) => [
    `${GLUE_PACKAGE}/rules/${file}`,
    readFileSync(`${ROOT}lib/rules/${file}`),
  ])
  return Object.fromEntries([...modules, ...rules]) as Record<string, Buffer>
}
