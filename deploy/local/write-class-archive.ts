import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { CLASS_ARCHIVE, flinkCommand } from './parts/flink.ts'
import { choosePort } from './ports.ts'
import type { Tools } from './tools.ts'

/** By then the tasks of the job are up, and have loaded what they need. */
const ANSWER_AFTER_MS = 4_000

/**
 * Runs the Flink job once, so that the JVM leaves an archive of the classes that a start loads (class data sharing,
 * JEP 350). Its Kinesis has no streams, and that ends it. Without an archive a start is slower and nothing else, so
 * nobody need know when there is none.
 */
export async function writeClassArchive(tools: Tools, logDescriptor: number): Promise<void> {
  const kinesis = createServer((_request, response) => {
    setTimeout(() => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
      response.end('{"__type":"ResourceNotFoundException"}')
    }, ANSWER_AFTER_MS)
  })
  const folder = mkdtempSync(`${tmpdir()}/roadpulse-class-archive-`)
  try {
    await new Promise<void>((resolve) => kinesis.listen(0, '127.0.0.1', resolve))
    const { port } = kinesis.address() as AddressInfo
    const { program, args } = flinkCommand(
      {
        restPort: await choosePort(0),
        metricsPort: await choosePort(0),
        folder,
        rawStream: 'none',
        processedStream: 'none',
        region: 'us-east-1',
        kinesisEndpoint: `http://127.0.0.1:${port}`,
        latenessSeconds: 30,
        tipSlackSeconds: 10,
        checkpointIntervalMs: 1_000,
      },
      [`-XX:ArchiveClassesAtExit=${CLASS_ARCHIVE}`],
    )
    await tools.run(program, args, logDescriptor)
  } finally {
    kinesis.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
