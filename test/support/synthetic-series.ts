/** The values of a series as promtool reads them. */
export type Values = string
/** So many minutes at this value, or at this rate a minute. */
type Stretch = readonly [minutes: number, value: number]

export type SyntheticSeries = {
  /** At each value for so long. */
  gauge: (...stretches: readonly Stretch[]) => Values
  /** At each rate a minute for so long. */
  counter: (...stretches: readonly Stretch[]) => Values
  /** Not there for so long: its process is gone, or does not know it. */
  absent: (minutes: number) => Values
}

/** Series of which a sample is taken so often. */
export function syntheticSeries(stepSeconds: number): SyntheticSeries {
  const stepsAMinute = 60 / stepSeconds
  /** `a+bxn` are n + 1 samples. */
  const line = (from: number, perMinute: number, minutes: number) =>
    `${from}+${perMinute / stepsAMinute}x${minutes * stepsAMinute - 1}`
  return {
    gauge: (...stretches) => stretches.map(([minutes, value]) => line(value, 0, minutes)).join(' '),
    counter(...stretches) {
      let total = 0
      return stretches
        .map(([minutes, perMinute]) => {
          const from = total
          total += minutes * perMinute
          return line(from, perMinute, minutes)
        })
        .join(' ')
    },
    absent: (minutes) => `_x${minutes * stepsAMinute}`,
  }
}
