/** A query as Prometheus takes it: with values in place of the variables of Grafana and of a dashboard. */
export function fillVariables(query: string, values: Readonly<Record<string, string>>): string {
  return query.replaceAll(/\$(\w+)/g, (variable, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no value for ${variable} in ${query}`)
    return value
  })
}
