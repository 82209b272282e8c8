/** `2016-02-08 05:46:00`: the wall-clock time that epoch milliseconds stand for. */
export function formatTime(ms: number): string {
  const iso = new Date(ms).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`
}
