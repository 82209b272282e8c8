import type { Layer } from '../templates/layers.ts'
import type { Account } from './account.ts'
import { GrafanaApi } from './grafana-api.ts'
import { dashboardFiles, grafanaContent } from './grafana-content.ts'
import { withGrafanaToken } from './grafana-workspace.ts'
import { buildAndPushImage, hasImage } from './image.ts'
import type { LayerDeployer } from './layer-deployer.ts'
import { pushGrafana } from './push-grafana.ts'
import { createServiceRole } from './service-linked-roles.ts'
import { startFlink } from './start-flink.ts'
import type { Target } from './target.ts'
import { type Artifact, readArtifact, uploadArtifact } from './upload-artifact.ts'

/** What has to happen between the layers, and is not CloudFormation's. Each step does nothing when it is done already. */
export class RolloutSteps {
  readonly #account: Account
  readonly #project: string
  readonly #deployer: LayerDeployer
  readonly #target: Target
  readonly #say: (line: string) => void

  constructor(options: {
    account: Account
    project: string
    deployer: LayerDeployer
    target: Target
    say: (line: string) => void
  }) {
    this.#account = options.account
    this.#project = options.project
    this.#deployer = options.deployer
    this.#target = options.target
    this.#say = options.say
  }

  async makeServiceRoles(services: readonly string[]): Promise<void> {
    for (const service of services) {
      await createServiceRole(this.#account.clients.iam, service)
      this.#say(`made the service-linked role for ${service}`)
    }
  }

  async before(layer: Layer): Promise<void> {
    const { glue, jar } = this.#target
    if (layer === 'ingest' && glue !== undefined) {
      await this.#upload(glue.library)
      await this.#upload(glue.script)
    }
    if (layer === 'flink') await this.#upload(jar)
    if (layer === 'fleet') await this.#pushImage()
  }

  async after(layer: Layer): Promise<void> {
    if (layer === 'flink') await this.#startFlink()
    if (layer === 'observability') await this.#showDashboards()
  }

  /** Where a person goes next. */
  addresses(): string[] {
    const rows = [
      [
        'page and api',
        this.#deployer.output('fleet', 'ApiUrl') ?? 'from inside the VPC only, at port 8080 of a task',
      ],
      ['grafana', this.#hasGrafana() ? this.#deployer.output('observability', 'GrafanaUrl') : undefined],
      ['dashboard', this.#dashboardUrl()],
      ['source bucket', this.#deployer.output('data', 'SourceBucketName')],
    ]
    return [
      '',
      ...rows.flatMap(([what, where]) => (where === undefined ? [] : `${what?.padEnd(14)} ${where}`)),
    ]
  }

  #dashboardUrl(): string {
    const { region } = this.#account
    const name = this.#deployer.output('observability', 'DashboardName')
    return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`
  }

  async #upload(artifact: Artifact): Promise<void> {
    const bucket = this.#deployer.output('data', 'ArtifactBucketName') ?? ''
    const isNew = await uploadArtifact(this.#account.clients.s3, bucket, artifact)
    if (isNew) this.#say(`uploaded       s3://${bucket}/${artifact.key}`)
  }

  async #pushImage(): Promise<void> {
    const { ecr } = this.#account.clients
    const tag = this.#target.imageTag
    if (await hasImage(ecr, this.#project, tag)) return
    const uri = `${this.#deployer.output('data', 'RepositoryUri')}:${tag}`
    this.#say(`building       ${uri}`)
    await buildAndPushImage(ecr, uri)
  }

  async #startFlink(): Promise<void> {
    if (this.#target.values.IsJobRunning === 'false') {
      this.#say('flink          is not started, for IsJobRunning is false')
      return
    }
    const name = this.#deployer.output('flink', 'ApplicationName') ?? ''
    const hadTo = await startFlink(this.#account.clients.flink, name, this.#account.pollMs)
    this.#say(`flink          ${hadTo ? 'started, and runs' : 'runs'}`)
  }

  async #showDashboards(): Promise<void> {
    for (const file of dashboardFiles()) {
      const name = file.slice(file.lastIndexOf('/') + 1, -'.json'.length)
      await this.#upload(readArtifact(`grafana/${name}`, '.json', file))
    }
    if (!this.#hasGrafana()) return
    const { region, clients } = this.#account
    const url = this.#deployer.output('observability', 'GrafanaUrl') ?? ''
    const workspaceId = this.#deployer.output('observability', 'GrafanaWorkspaceId') ?? ''
    const prometheusUrl = this.#deployer
      .output('data', 'MetricsWriteUrl')
      ?.replace(/api\/v1\/remote_write$/, '')
    const content = grafanaContent({ region, prometheusUrl, runbookUrl: this.#runbookUrl() })
    const changed = await withGrafanaToken(clients.grafana, workspaceId, (token) =>
      pushGrafana(new GrafanaApi(url, token), content),
    )
    this.#say(`grafana        ${changed.length === 0 ? 'unchanged' : `changed: ${changed.join(', ')}`}`)
  }

  /** Where no place on the web was named, the api itself has it. */
  #runbookUrl(): string {
    const named = this.#target.values.RunbookUrl ?? ''
    const apiUrl = this.#deployer.output('fleet', 'ApiUrl')
    return /^https?:/.test(named) || apiUrl === undefined ? named : `${apiUrl}/docs/runbook`
  }

  /** A stand-in has the outputs of a workspace, and no workspace. */
  #hasGrafana(): boolean {
    return this.#target.values.Grafana === 'on' && this.#account.endpoint === undefined
  }
}
