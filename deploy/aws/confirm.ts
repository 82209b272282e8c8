import { createInterface } from 'node:readline/promises'

/** Asks on the terminal. What is piped in is an answer too; the end of it is none. */
export async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    return (await Promise.race([lines.question(question), ended])).trim()
  } finally {
    lines.close()
  }
}
