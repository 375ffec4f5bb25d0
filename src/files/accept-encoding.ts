/** What a body can be sent in, in the order that we like. */
export const codings = ['br', 'gzip', 'identity'] as const

export type Coding = (typeof codings)[number]

/** What the name of a file that lies beside another in this coding ends with. */
export const codingExtensions: Record<Coding, string> = { identity: '', br: '.br', gzip: '.gz' }

/** RFC 9110, 5.6.2 and 12.4.2: a coding, and maybe a weight. */
const element = /^([!#$%&'*+.^`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i

/** Below every weight that can be written, and still not 0. */
const unmentioned = 0.0001

/**
 * The coding of those that are there that the caller likes best (RFC 9110, 12.5.3); among equals the first of ours. Unmentioned, `identity` is what is taken when
 * nothing else is there. It is also sent to who says nothing at all, for that is no browser, and to who refuses everything: 12.4.1 lets us pass over such a
 * header, and a page without its style serves nobody.
 */
export function chooseCoding(header: string | undefined, there: readonly Coding[]): Coding {
  if (header === undefined) return 'identity'
  const weights = readWeights(header)
  const weightOf = (coding: Coding) => weights.get(coding) ?? weights.get('*') ?? (coding === 'identity' ? unmentioned : 0)
  let best: { coding: Coding; weight: number } = { coding: 'identity', weight: 0 }
  for (const coding of codings) {
    const weight = there.includes(coding) ? weightOf(coding) : 0
    if (weight > best.weight) best = { coding, weight }
  }
  return best.coding
}

/** What is not written as the standard has it counts as not written. */
function readWeights(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const part of header.split(',')) {
    const [, name, weight = '1'] = element.exec(part.trim()) ?? []
    // 8.4.1.3: an old name for the same.
    if (name) weights.set(name.toLowerCase().replace(/^x-gzip$/, 'gzip'), Number(weight))
  }
  return weights
}
