const CHUNK_ROWS = 65_536

/** Which rows were seen, one bit each where they lie close together: 1 MB for the whole dataset. */
export class SeenRows {
  readonly #feeds = new Map<string, Map<number, Uint8Array>>()

  /** Whether it is seen for the first time. */
  add(feed: string, seq: number, attempt: number): boolean {
    const name = `${attempt} ${feed}`
    let chunks = this.#feeds.get(name)
    if (chunks === undefined) this.#feeds.set(name, (chunks = new Map()))
    const index = Math.floor(seq / CHUNK_ROWS)
    let chunk = chunks.get(index)
    if (chunk === undefined) chunks.set(index, (chunk = new Uint8Array(CHUNK_ROWS / 8)))
    const place = seq % CHUNK_ROWS
    const bit = 1 << (place & 7)
    const byte = chunk[place >> 3] ?? 0
    chunk[place >> 3] = byte | bit
    return (byte & bit) === 0
  }
}
