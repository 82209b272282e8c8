import { spawn } from 'node:child_process'

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  linux: ['xdg-open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens a page in the person's browser. Where that cannot be done they have the URL in the terminal. */
export function openBrowser(url: string): void {
  const [program, ...args] = OPENERS[process.platform] ?? []
  if (program === undefined) return
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
}
