/** Header-like fields by their name in lower case; of a field that is there twice the first counts. */
export type Fields = ReadonlyMap<string, string>

const field = /^([!-9;-~]{1,76}):[ \t]*(.*)$/
const mostBlocks = 100

/** Blocks of fields parted by blank lines, as reports of delivery have them (RFC 3464, 2.1). Lines that are no fields are passed over. */
export function readBlocks(text: string): Fields[] {
  return text
    .split(/\r?\n(?:[ \t]*\r?\n)+/, mostBlocks)
    .map(readFields)
    .filter((block) => block.size > 0)
}

/** The header of a returned mail. */
export function readHeader(text: string): Fields {
  return readBlocks(text.replace(/^[\r\n]+/, ''))[0] ?? new Map()
}

function readFields(block: string): Fields {
  const fields = new Map<string, string>()
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value = ''] = field.exec(line) ?? []
    if (name !== undefined && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim())
  }
  return fields
}
