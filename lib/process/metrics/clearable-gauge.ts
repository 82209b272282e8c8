import { Gauge, type GaugeConfiguration } from 'prom-client'

/** A gauge that can be absent: what is not known is not 0. */
export class ClearableGauge extends Gauge {
  readonly #hasLabels: boolean

  constructor(configuration: GaugeConfiguration<string>) {
    super(configuration)
    this.#hasLabels = (configuration.labelNames ?? []).length > 0
  }

  /** All of its series are absent until they are set again. */
  clear(): void {
    this.reset()
    // Without labels the reset has made it 0.
    if (!this.#hasLabels) this.remove()
  }
}
