import { readFileSync } from 'node:fs'
import { parseTemplate, type Template } from './template.ts'

/** The layers in the order in which they are deployed; each refers only to earlier ones. */
export const LAYERS = ['network', 'data', 'ingest', 'flink', 'fleet', 'observability'] as const
export type Layer = (typeof LAYERS)[number]

/** The template of a layer as CloudFormation gets it. */
export function readLayerText(layer: Layer): string {
  return readFileSync(new URL(`../cloudformation/${layer}.yaml`, import.meta.url), 'utf8')
}

export function readLayer(layer: Layer): Template {
  return parseTemplate(readLayerText(layer))
}
