/** A route's hooks of one kind with one more; a HEAD that is made from a GET has that one already. */
export function withHook<Hook>(hooks: unknown, added: Hook): Hook[] {
  const before = hooks === undefined ? [] : ([hooks].flat() as Hook[])
  return before.includes(added) ? before : [...before, added]
}
