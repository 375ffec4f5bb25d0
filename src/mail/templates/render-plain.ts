import type { MailParts } from './render-html.ts'

/** The same mail for programs, and readers, that prefer words. Long lines are left to the transfer encoding. */
export function renderPlain({ blocks, site, link, code }: MailParts): string {
  const parts = blocks.map((block) => {
    if (block.is === 'link') return `${link?.label}:\n${link?.href}`
    if (block.is === 'code') return code
    const lines = block.paragraphs.map((paragraph) => paragraph.join('\n')).join('\n\n')
    return block.is === 'quote' ? lines.replaceAll(/^/gm, '> ') : lines
  })
  return `${[...parts, `-- \n${site.name}\n${site.origin}`].join('\n\n')}\n`
}
