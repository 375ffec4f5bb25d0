/** `tag=value; tag=value`, as DKIM and DMARC records have it (RFC 6376, 3.2). Undefined where it is none, or has a tag twice. */
export function readTags(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>()
  const parts = text.split(';')
  // A semicolon may end the list.
  if (parts.at(-1)?.trim() === '') parts.pop()
  for (const part of parts) {
    const cut = part.indexOf('=')
    const name = part.slice(0, cut).trim()
    if (cut === -1 || !/^[a-z][a-z0-9_]{0,30}$/i.test(name) || tags.has(name)) return undefined
    tags.set(name, part.slice(cut + 1).trim())
  }
  return tags.size > 0 ? tags : undefined
}
