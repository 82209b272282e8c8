import type { DeadLetterOrigin } from './dead-letter-store.ts'

/** Where a dead letter is: an object of the bucket, and its line in it, from 0. */
export type LetterPlace = { key: string; index: number }

const KEY = /^origin=(row|rejected|handler|oversize)\/dt=\d{4}-\d\d-\d\d\/hr=\d\d\/[a-z0-9-]+\.jsonl\.gz$/

/** A name for it that goes into a URL as it is. */
export function letterIdOf({ key, index }: LetterPlace): string {
  return Buffer.from(`${key}#${index}`).toString('base64url')
}

/** Undefined for what names no letter. */
export function parseLetterId(id: string): LetterPlace | undefined {
  const [key = '', index = ''] = Buffer.from(id, 'base64url').toString('utf8').split('#')
  return KEY.test(key) && /^\d{1,7}$/.test(index) ? { key, index: Number(index) } : undefined
}

export const originOf = (key: string) => KEY.exec(key)?.[1] as DeadLetterOrigin | undefined
