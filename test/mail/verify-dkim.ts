import { createHash, createPublicKey, verify } from 'node:crypto'
import { readTags } from '../../src/mail/domains/tag-list.ts'

export interface DkimVerdict {
  /** d= and s= */
  domain: string
  selector: string
  /** What was signed. */
  headers: string[]
  bodyFits: boolean
  signatureFits: boolean
}

/** Verifies the first DKIM-Signature of a mail as a receiver does (RFC 6376, 6), relaxed/relaxed, with the record that `lookUp` finds. */
export async function verifyDkim(raw: string, lookUp: (name: string) => Promise<string[]>): Promise<DkimVerdict | undefined> {
  const cut = raw.indexOf('\r\n\r\n')
  const fields = raw.slice(0, cut).split(/\r\n(?![ \t])/)
  const signature = fields.find((field) => /^dkim-signature:/i.test(field))
  const tags = readTags(signature?.slice(signature.indexOf(':') + 1).replace(/\r\n/g, '') ?? '')
  if (!signature || tags?.get('v') !== '1' || tags.get('a') !== 'rsa-sha256' || tags.get('c') !== 'relaxed/relaxed') return undefined
  const [domain = '', selector = '', given = ''] = [tags.get('d'), tags.get('s'), tags.get('b')?.replace(/\s/g, '')]
  const names = (tags.get('h') ?? '').split(':').map((name) => name.trim().toLowerCase())
  const [record = ''] = await lookUp(`${selector}._domainkey.${domain}`)
  const key = createPublicKey({ key: Buffer.from(readTags(record)?.get('p') ?? '', 'base64'), format: 'der', type: 'spki' })
  const signed = [...pick(fields, names), relaxed(signature.replace(/(;\s*b=)[^;]*/i, '$1'))].join('\r\n')
  return {
    domain,
    selector,
    headers: names,
    bodyFits:
      createHash('sha256')
        .update(relaxedBody(raw.slice(cut + 4)), 'latin1')
        .digest('base64') === tags.get('bh')?.replace(/\s/g, ''),
    signatureFits: verify('sha256', Buffer.from(signed, 'latin1'), key, Buffer.from(given, 'base64')),
  }
}

/** Of a field that is there several times the last one first (5.4.2). */
function pick(fields: readonly string[], names: readonly string[]): string[] {
  const left = [...fields]
  return names.flatMap((name) => {
    const at = left.findLastIndex((field) => field.slice(0, field.indexOf(':')).trim().toLowerCase() === name)
    return at === -1 ? [] : left.splice(at, 1).map(relaxed)
  })
}

function relaxed(field: string): string {
  const cut = field.indexOf(':')
  return `${field.slice(0, cut).trim().toLowerCase()}:${field
    .slice(cut + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim()}`
}

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
  const text = lines.join('\r\n').replace(/(\r\n)+$/, '')
  return text === '' ? '' : `${text}\r\n`
}
