import { crc32, deflateSync } from 'node:zlib'
import { isMailKind, type MailKind, mailKinds } from '../../src/jobs/mail-kinds.ts'
import type { MailSite } from '../../src/mail/outbox/mail-site.ts'

export const kinds: readonly MailKind[] = Object.keys(mailKinds).filter(isMailKind)

/** A site without a logo. */
export function sampleSite(own: Partial<MailSite> = {}): MailSite {
  return {
    slug: 'camara-mezochi',
    name: 'Câmara Distrital de Mé-Zóchi',
    origin: 'https://camara-mezochi.example',
    locale: 'pt-ST',
    timeZone: 'Africa/Sao_Tome',
    logo: undefined,
    brand: { shortName: 'Mé-Zóchi', tagline: '', colors: { primary: '#14532d', accent: '#ca8a04', surface: '#fbfaf5', text: '#1c2a21' } },
    ...own,
  }
}

/** A PNG of one colour, and of so many bytes at least. */
export function samplePng(width: number, height: number, bytes = 0): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0], 8)
  const pixels = deflateSync(Buffer.alloc((width + 1) * height, 127))
  const filler = Buffer.alloc(bytes, 'tEXt filler ')
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...(bytes > 0 ? [chunk('tEXt', filler)] : []),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
