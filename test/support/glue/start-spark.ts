import { spawn } from 'node:child_process'
import { createWriteStream, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { glueArtifacts } from '../../../deploy/aws/artifacts.ts'
import { at, textOf } from '../../../deploy/checks/rule.ts'
import { Tools } from '../../../deploy/local/tools.ts'
import { ensureVirtualEnvironment } from '../../../deploy/local/virtual-environment.ts'
import { allLayers } from '../layers.ts'
import { STAND_IN_CREDENTIALS } from '../servers.ts'

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url))

const REQUIREMENTS = new URL('../../../deploy/glue/requirements.txt', import.meta.url)
const FOLDER = path('.roadpulse/glue')
const JARS = path('.roadpulse/glue-jars')
const SCRIPT = path('deploy/glue/curate.py')
const HEAP = '1g'

export type Row = Record<string, unknown>

export type Spark = {
  sql(text: string): Promise<Row[]>
  /** A run of the job. Rejects when it fails. */
  curate(): Promise<void>
  /** A run of the job that dies in front of one of the steps of `curate_batch`. */
  curateUpTo(step: string): Promise<void>
  /** A run of the job for which all snapshots are old. */
  curateMuchLater(): Promise<void>
}

/** Spark and Iceberg as Glue 5.1 has them, with the settings that the template gives them, against stand-ins of S3 and the catalog. */
export async function startSpark(
  t: Test,
  options: { endpoint: string; rawBucket: string; analyticsBucket: string; database: string },
): Promise<Spark> {
  const tools = new Tools()
  const { python } = await ensureVirtualEnvironment({ folder: FOLDER, tools, requirements: REQUIREMENTS })
  const jars = await fetchJars(tools)
  const folder = mkdtempSync(`${tmpdir()}/roadpulse-glue-`)
  const library = `${folder}/roadpulse_glue.zip`
  writeFileSync(library, glueArtifacts()?.library.content ?? '')
  const log = createWriteStream(`${folder}/spark.log`)
  const settings = [
    '--master local[2]',
    `--driver-memory ${HEAP}`,
    // Most of a short run is the compiler's work.
    '--driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"',
    `--jars ${jars.join(',')}`,
    '--conf spark.ui.enabled=false',
    '--conf spark.ui.showConsoleProgress=false',
    '--conf spark.driver.host=127.0.0.1',
    '--conf spark.sql.shuffle.partitions=4',
    settingsOfTemplate(options.analyticsBucket),
  ]
  // Not by spark-submit: that gives its program no input.
  const child = spawn(python, [path('test/support/glue/serve_spark.py')], {
    cwd: folder,
    env: {
      ...process.env,
      ...STAND_IN_CREDENTIALS,
      AWS_ENDPOINT_URL: options.endpoint,
      PYSPARK_PYTHON: python,
      PYSPARK_SUBMIT_ARGS: `${settings.join(' ')} pyspark-shell`,
      PYTHONPATH: library,
      PYTHONDONTWRITEBYTECODE: '1',
      SPARK_LOCAL_DIRS: folder,
    },
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.stderr.pipe(log)
  t.teardown(async () => {
    // Whatever it is at: Spark ends when the program that has started it is gone.
    child.kill('SIGKILL')
    await ended
    // What a red test leaves is there to be looked at.
    if (t.passing()) rmSync(folder, { recursive: true, force: true })
    else t.comment(`log of Spark: ${folder}/spark.log`)
  })
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()

  async function ask(...command: string[]): Promise<unknown> {
    child.stdin.write(`${JSON.stringify(command)}\n`)
    const { value: line, done } = await answers.next()
    if (done === true) throw new Error(`Spark has ended; its log: ${folder}/spark.log`)
    const { value, fault } = JSON.parse(line) as { value?: unknown; fault?: string }
    if (fault !== undefined) throw new Error(fault)
    return value
  }

  const job = [SCRIPT, '--raw-bucket', options.rawBucket, '--database', options.database]
  return {
    sql: async (text) => (await ask('sql', text)) as Row[],
    curate: async () => void (await ask('curate', ...job)),
    curateMuchLater: async () => void (await ask('curate_much_later', ...job)),
    curateUpTo: async (step) => void (await ask('curate_up_to', step, ...job)),
  }
}

/** By Maven, so that they are kept where all jars are. */
async function fetchJars(tools: Tools): Promise<string[]> {
  const pom = path('test/support/glue/pom.xml')
  const args = ['-q', '-B', '-ntp', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${JARS}`]
  const { code, output } = await tools.run('mvn', args)
  if (code !== 0) throw new Error(`the jars of Iceberg cannot be fetched: ${output}`)
  return globSync(`${JARS}/*.jar`)
}

/** The argument --conf of the job, with a bucket of the test's own. */
function settingsOfTemplate(bucket: string): string {
  const job = allLayers({}).ingest.resources.Job?.Properties
  const settings = textOf(at(job?.DefaultArguments, '--conf'))
  return `--conf ${settings.replace(/warehouse=s3:\S+/, `warehouse=s3://${bucket}/`)}`
}
