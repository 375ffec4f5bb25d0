import { type MailKind, secretsOf } from '../../jobs/mail-kinds.ts'
import { longestResult, renderLiquid, TextFault } from './liquid.ts'
import type { TemplateValues } from './template-variables.ts'
import type { MailText } from './texts/mail-texts.ts'

/** A paragraph is its lines. */
export type Block = { is: 'words' | 'quote'; paragraphs: string[][] } | { is: 'link' } | { is: 'code' }

export interface WrittenText {
  subject: string
  blocks: Block[]
}

/**
 * While Liquid is at work, private characters stand for the blocks: no filter can maul a link, a text never sees a secret, and nothing that a
 * variable says can pass for a block.
 */
const placeholders = { link: '\ue000', code: '\ue001', message: '\ue002' } as const
type BlockName = keyof typeof placeholders
const anyPlaceholder = /[\ue000-\ue002]/g

/** Fills a text in. Throws a TextFault where it could not be sent like this. */
export function writeText(kind: MailKind, text: MailText, given: TemplateValues): WrittenText {
  return { subject: writeSubject(text.subject, given), blocks: writeBody(kind, text.body, given) }
}

export function writeSubject(source: string, { values }: TemplateValues): string {
  const subject = renderLiquid(withoutPlaceholders(source), values).trim()
  if (subject === '') throw new TextFault('It is empty.')
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(subject)) throw new TextFault('It has to be one line without control characters.')
  return subject
}

export function writeBody(kind: MailKind, source: string, { values, blocks }: TemplateValues): Block[] {
  const names = Object.keys(placeholders).filter((name): name is BlockName => name in blocks)
  const stand = Object.fromEntries(names.map((name) => [name, placeholders[name]]))
  const rendered = renderLiquid(withoutPlaceholders(source), { ...values, ...stand })
  if (/[^\P{Cc}\n\t]/u.test(rendered)) throw new TextFault('It has control characters.')
  for (const name of secretsOf(kind)) {
    if (!rendered.includes(placeholders[name])) throw new TextFault(`It needs {{ ${name} }}: without it the mail is of no use.`)
  }
  requireLength(rendered, blocks)
  const paragraphs = split(rendered)
  if (paragraphs.length === 0) throw new TextFault('It is empty.')
  return joinWords(paragraphs.map((paragraph) => asBlock(paragraph, blocks)))
}

function withoutPlaceholders(source: string): string {
  return source.replaceAll(/\r\n?/g, '\n').replace(anyPlaceholder, '')
}

/** Counted before anything is put in: a short text can name a long message a thousand times. */
function requireLength(rendered: string, blocks: TemplateValues['blocks']): void {
  const length = (rendered.match(anyPlaceholder) ?? []).reduce((sum, found) => sum + blockValue(found, blocks).length, rendered.length)
  if (length > longestResult) throw new TextFault(`It becomes longer than ${longestResult} characters.`)
}

function split(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  const paragraphs = lines.join('\n').split(/\n{2,}/)
  return paragraphs.map((paragraph) => paragraph.trim()).filter(Boolean)
}

function asBlock(paragraph: string, blocks: TemplateValues['blocks']): Block {
  if (paragraph === placeholders.link) return { is: 'link' }
  if (paragraph === placeholders.code) return { is: 'code' }
  if (paragraph === placeholders.message) return { is: 'quote', paragraphs: split(blocks.message ?? '').map((text) => text.split('\n')) }
  return { is: 'words', paragraphs: [paragraph.replace(anyPlaceholder, (found) => blockValue(found, blocks)).split('\n')] }
}

function blockValue(placeholder: string, blocks: TemplateValues['blocks']): string {
  const name = (['link', 'code', 'message'] as const).find((candidate) => placeholders[candidate] === placeholder)
  return (name && blocks[name]) ?? ''
}

function joinWords(blocks: Block[]): Block[] {
  const joined: Block[] = []
  for (const block of blocks) {
    const last = joined.at(-1)
    if (block.is === 'words' && last?.is === 'words') last.paragraphs.push(...block.paragraphs)
    else joined.push(block)
  }
  return joined
}
