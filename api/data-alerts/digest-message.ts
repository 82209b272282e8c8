import { toIsoTime } from '../field-types.ts'
import { type AlertMessage, toSubject } from '../watchdog/alert-message.ts'
import type { Digest, DigestItem } from './collect-digests.ts'

/** What the roads of one state have brought, as SNS takes it. */
export function writeDigestMessage(digest: Digest): AlertMessage {
  const { dedupId, feed, state, at, accidentCount, accidents, surges } = digest
  const counts = [
    ...(accidentCount === 0 ? [] : [`${accidentCount} severe accident${accidentCount === 1 ? '' : 's'}`]),
    ...(surges.length === 0 ? [] : [`${surges.length} surge${surges.length === 1 ? '' : 's'}`]),
  ].join(' and ')
  const head = `${state}: ${counts}`
  const text = [
    `${head}, as of ${toIsoTime(at)} (feed ${feed}).`,
    ...list('Severe accidents, gravest first:', accidents),
    ...(accidentCount > accidents.length ? [`  and ${accidentCount - accidents.length} more`] : []),
    ...list('Far more accidents than usual:', surges),
    '',
    `Message ${dedupId}`,
  ]
  const kind = surges.length === 0 ? 'severe-accidents' : 'surge'
  return {
    subject: toSubject(`Roadpulse ${head}`),
    text: text.join('\n'),
    json: JSON.stringify({ event: 'data', kind, ...digest, at: toIsoTime(at) }),
    attributes: { kind, service: 'data', event: 'data', state, dedupId },
  }
}

const list = (title: string, items: readonly DigestItem[]) =>
  items.length === 0 ? [] : ['', title, ...items.map(({ at, text }) => `  ${toIsoTime(at)} ${text}`)]
