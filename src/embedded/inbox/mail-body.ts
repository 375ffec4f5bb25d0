import type { Attachment } from 'postal-mime'
import type { Mail } from './read-mail.ts'

const picture = /^image\/[a-z0-9.+-]{1,40}$/

/** The mail's html with the pictures it brings along, and with links that open beside the page. Whoever serves it forbids it everything else. */
export function standAlone({ html, attachments }: Mail): string {
  const pictures = new Map(
    attachments.flatMap((part) => (part.contentId && picture.test(part.mimeType) ? [[bare(part.contentId), dataUri(part)]] : [])),
  )
  const complete = html.replace(/(["'(]\s*)cid:([^"')\s]+)/gi, (whole, before: string, id: string) => {
    const uri = pictures.get(bare(id))
    return uri ? before + uri : whole
  })
  const base = '<base target="_blank">'
  // Below the doctype, without which a browser lays mails out by older rules.
  return /<head\b[^>]*>/i.test(complete) ? complete.replace(/<head\b[^>]*>/i, (head) => head + base) : base + complete
}

function bare(contentId: string): string {
  return contentId.replace(/^<|>$/g, '')
}

function dataUri({ mimeType, content }: Attachment): string {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content))
  return `data:${mimeType};base64,${bytes.toString('base64')}`
}
