export interface Fact {
  term: string
  /** HTML. */
  value: string
  /** Where to go on from it. */
  link?: { address: string; text: string }
}

export function renderFacts(facts: readonly Fact[]): string {
  const rows = facts.map(({ term, value, link }) => {
    const onward = link ? `<dd><a href="${link.address}">${link.text}</a></dd>` : ''
    return `<dt>${term}</dt><dd>${value}</dd>${onward}`
  })
  return `<dl>${rows.join('')}</dl>`
}
