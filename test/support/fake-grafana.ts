#!/usr/bin/env node
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

/** Answers as a Grafana that is well, and writes down what it was started with: a Grafana itself cannot be had by npm. */
const { GF_SERVER_HTTP_ADDR, GF_SERVER_HTTP_PORT, GF_PATHS_DATA, GF_PATHS_PROVISIONING = '' } = process.env
const files = readdirSync(GF_PATHS_PROVISIONING, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.yaml'),
)
writeFileSync(
  `${GF_PATHS_DATA}.json`,
  JSON.stringify({
    args: process.argv.slice(2),
    environment: process.env,
    provisioning: Object.fromEntries(
      files.map((file) => [file, readFileSync(`${GF_PATHS_PROVISIONING}/${file}`, 'utf8')]),
    ),
  }),
)
createServer((request, response) => {
  response.statusCode = request.url === '/api/health' ? 200 : 404
  response.end('{"database":"ok"}')
}).listen(Number(GF_SERVER_HTTP_PORT), GF_SERVER_HTTP_ADDR)
