const SECTIONS = new URL('../../api/page/sections/', import.meta.url)

/** A module of the page, which has no types of its own. `path`: below the sections, such as `pipeline/laws.js`. */
export async function importPageModule<T>(path: string): Promise<T> {
  return (await import(new URL(path, SECTIONS).href)) as T
}
