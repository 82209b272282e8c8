// Rows of the feeds: the live ones, and the replays with what can be done with them.

import { formatCount, formatPercent, formatRate } from '../shell/format.js'
import { element } from '../shell/rows.js'
import {
  describeCounts,
  describeEnd,
  describeFilter,
  describePace,
  describeSource,
  nameOf,
} from './replay-words.js'

const LEVELS = { running: 'good', failed: 'bad', paused: 'warn' }

/** What the state of a replay allows, in the order of the buttons. */
const ACTIONS = {
  waiting: ['pause', 'pace', 'cancel'],
  running: ['pause', 'pace', 'cancel'],
  paused: ['resume', 'pace', 'cancel'],
  failed: ['retry'],
}
const WORDS = { pause: 'Pause', resume: 'Resume', pace: 'Change pace', cancel: 'Cancel', retry: 'Retry' }

/** A recovery that failed is not tried again: what it left is fed in by another one. @param {any} replay */
export function actionsOf({ kind, state, ending }) {
  if (ending !== null || (kind === 'recovery' && state === 'failed')) return []
  return ACTIONS[state] ?? []
}

/** @param {any} replay @param {{ mayOperate: boolean, isPending: boolean }} options */
export function replayRow(replay, { mayOperate, isPending }) {
  const { id, state, ending, message, source, filter, pace, kind, progress } = replay
  const actions = mayOperate ? actionsOf(replay) : []
  const about = [describeSource(source), describeFilter(filter)].filter((text) => text !== '').join(' · ')
  return {
    key: replay.feed,
    cells: [
      element(
        'div',
        {},
        element('span', { class: 'place', title: replay.feed }, nameOf(replay)),
        ...(kind === 'recovery' ? [element('span', { class: 'tag' }, 'dead letters')] : []),
        element('span', { class: 'description' }, about),
      ),
      element(
        'div',
        {},
        element(
          'span',
          { class: 'tag', 'data-level': LEVELS[state] ?? '' },
          ending === null ? state : 'ending',
        ),
        ...(message === null ? [] : [element('span', { class: 'description bad' }, message)]),
      ),
      describeProgress(replay),
      describeSpeed(progress.rowsPerSecond, describePace(pace)),
      describeEnd(replay),
      actions.length === 0
        ? element('span', { class: 'soft' }, '–')
        : element(
            'div',
            { class: 'buttons' },
            ...actions.map((action) => actionButton(action, id, replay, isPending)),
          ),
    ],
  }
}

/** A live feed has no end that is known, and is not started here. @param {any} feed one of `/pipeline` */
export function liveRow(feed) {
  return {
    key: feed.feed,
    cells: [
      element(
        'div',
        {},
        element('span', { class: 'place' }, feed.feed),
        element('span', { class: 'description' }, 'live feed, started by the producer'),
      ),
      element('span', { class: 'tag', 'data-level': LEVELS[feed.state] ?? '' }, feed.state ?? 'unknown'),
      element('span', {}, `${formatCount(feed.read)} read, ${describeCounts(feed)}`),
      describeSpeed(feed.state === 'running' ? feed.emittedPerSecond : null, ''),
      '–',
      element('span', { class: 'soft' }, '–'),
    ],
  }
}

function describeProgress(replay) {
  const { progress } = replay
  if (progress.preparing !== null && progress.preparing < 1) {
    return progressBar(progress.preparing, 'being sorted by time first', nameOf(replay))
  }
  return progressBar(progress.share, describeCounts(progress), nameOf(replay))
}

function progressBar(share, words, name) {
  const bar = element('progress', { max: '1', value: String(share), 'aria-label': `Progress of ${name}` })
  return element('div', { class: 'progress' }, bar, element('span', {}, `${formatPercent(share)} · ${words}`))
}

function describeSpeed(rowsPerSecond, pace) {
  return element(
    'div',
    {},
    rowsPerSecond === null ? '–' : `${formatRate(rowsPerSecond)} rows/s`,
    element('span', { class: 'description' }, pace),
  )
}

function actionButton(action, id, replay, isPending) {
  return element(
    'button',
    {
      type: 'button',
      'data-action': action,
      'data-id': id,
      'aria-label': `${WORDS[action]}: ${nameOf(replay)}`,
      ...(isPending ? { 'aria-disabled': 'true' } : {}),
    },
    WORDS[action],
  )
}
