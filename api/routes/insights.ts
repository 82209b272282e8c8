import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import { readInTime } from '../deadline.ts'
import { AccidentList, describeAccident } from '../insights/accidents.ts'
import { CityInsight, readCities } from '../insights/cities.ts'
import { HotspotInsight, readHotspots } from '../insights/hotspots.ts'
import { describeRejection, RejectionList } from '../insights/rejections.ts'
import { readSeverity, SeverityInsight } from '../insights/severity.ts'
import { readSurges, SurgeInsight } from '../insights/surges.ts'
import { Problem, problemResponse } from '../problems.ts'

const feed = Type.String({
  default: 'live',
  minLength: 1,
  maxLength: 80,
  description: 'live-<n>, replay-<id>, or live for the newest live feed',
})

const failures = {
  400: problemResponse('a parameter is not valid', 'INVALID_REQUEST'),
  404: problemResponse('no such feed', 'FEED_NOT_FOUND'),
  503: problemResponse('Redis does not answer', 'DATA_UNAVAILABLE'),
}

export const insightsRoutes: FastifyPluginAsyncTypebox<{
  feeds: Pick<FeedStore, 'get'>
  insights: InsightReader
}> = async (app, { feeds, insights }) => {
  /** Any feed that is known, or of which something was received. */
  async function nameOf(name: string): Promise<string> {
    const feed = await feeds.get(name)
    if (feed !== undefined) return feed.name
    if ((await insights.listReceivedFeeds()).includes(name)) return name
    throw new Problem('FEED_NOT_FOUND', `There is no feed ${name}; GET /pipeline lists the newest.`)
  }

  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get(
    '/insights/severity',
    {
      schema: {
        tags: ['insights'],
        summary: 'Accidents a minute by severity with the open minute, and all by state',
        querystring: Type.Object({
          feed,
          minutes: Type.Integer({ default: 60, minimum: 1, maximum: 1_440 }),
        }),
        response: { 200: SeverityInsight, ...failures },
      },
    },
    async ({ query }) =>
      readInTime(
        nameOf(query.feed).then((name) =>
          readSeverity(insights, name, { minutes: query.minutes, now: Date.now() }),
        ),
      ),
  )

  app.get(
    '/insights/hotspots',
    {
      schema: {
        tags: ['insights'],
        summary: 'The cells with the gravest accidents of the newest ten minutes',
        querystring: Type.Object({ feed }),
        response: { 200: HotspotInsight, ...failures },
      },
    },
    async ({ query }) => readInTime(nameOf(query.feed).then((name) => readHotspots(insights, name))),
  )

  app.get(
    '/insights/cities',
    {
      schema: {
        tags: ['insights'],
        summary: 'The cities and counties with the most accidents of the newest hour',
        querystring: Type.Object({ feed }),
        response: { 200: CityInsight, ...failures },
      },
    },
    async ({ query }) => readInTime(nameOf(query.feed).then((name) => readCities(insights, name))),
  )

  app.get(
    '/insights/surges',
    {
      schema: {
        tags: ['insights'],
        summary: 'States and cells with far more accidents than usual, now and lately',
        querystring: Type.Object({
          feed,
          limit: Type.Integer({
            default: 20,
            minimum: 0,
            maximum: 100,
            description: 'of those that are over',
          }),
        }),
        response: { 200: SurgeInsight, ...failures },
      },
    },
    async ({ query }) =>
      readInTime(nameOf(query.feed).then((name) => readSurges(insights, name, query.limit))),
  )

  app.get(
    '/insights/accidents',
    {
      schema: {
        tags: ['insights'],
        summary: 'The last accidents',
        querystring: Type.Object({ feed, limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }) }),
        response: { 200: AccidentList, ...failures },
      },
    },
    async ({ query }) => {
      const name = await readInTime(nameOf(query.feed))
      const accidents = await readInTime(insights.readAccidents(name, { limit: query.limit }))
      return { feed: name, items: accidents.toReversed().map(describeAccident) }
    },
  )

  app.get(
    '/insights/rejected',
    {
      schema: {
        tags: ['insights'],
        summary: 'The last records that Flink refused, with all reasons',
        querystring: Type.Object({ feed, limit: Type.Integer({ default: 20, minimum: 1, maximum: 200 }) }),
        response: { 200: RejectionList, ...failures },
      },
    },
    async ({ query }) => {
      const name = await readInTime(nameOf(query.feed))
      const rejected = await readInTime(insights.readRejected(name, query.limit))
      return { feed: name, items: rejected.toReversed().map(describeRejection) }
    },
  )
}
