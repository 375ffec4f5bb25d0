import { createHmac, timingSafeEqual } from 'node:crypto'

interface Signed {
  signature?: string
}

/** HMAC-SHA256 of all the rest, in the order in which it is written. It holds the sha256 of the dump, and with it every byte that is restored. */
export function signatureOf(key: Buffer, manifest: object): string {
  const { signature: _, ...rest }: Signed = manifest
  return createHmac('sha256', key).update(JSON.stringify(rest)).digest('hex')
}

export function isSignedBy(key: Buffer, manifest: Signed): boolean {
  const [given, wanted] = [Buffer.from(manifest.signature ?? '', 'hex'), Buffer.from(signatureOf(key, manifest), 'hex')]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
