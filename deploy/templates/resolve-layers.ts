import { LAYERS, type Layer, readLayer } from './layers.ts'
import { type ResolvedTemplate, resolveTemplate } from './resolve.ts'
import type { Template, Value } from './template.ts'

export type Templates = Record<Layer, Template>

export function readLayers(): Templates {
  return Object.fromEntries(LAYERS.map((layer) => [layer, readLayer(layer)])) as Templates
}

/**
 * All layers, each with what the earlier ones export. Every layer takes of `parameters` those that it has. Throws
 * `CONFIGURATION` when one refers to what no earlier one exports.
 */
export function resolveLayers(
  templates: Templates,
  parameters: Readonly<Record<string, string>>,
): Record<Layer, ResolvedTemplate> {
  const exported = new Map<string, Value>()
  const resolved = LAYERS.map((layer) => {
    const template = templates[layer]
    const known = Object.entries(parameters).filter(([name]) => template.Parameters?.[name] !== undefined)
    const result = resolveTemplate(template, Object.fromEntries(known), exported)
    for (const [name, value] of result.exports) exported.set(name, value)
    return [layer, result]
  })
  return Object.fromEntries(resolved) as Record<Layer, ResolvedTemplate>
}
