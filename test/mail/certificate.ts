import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import tls from 'node:tls'

export interface TestCertificate {
  key: string
  cert: string
}

export interface CertificateOptions {
  /** Names it is good for. */
  names: readonly string[]
  /** Until when; default: in a day. */
  notAfter?: Date
}

/** A certificate signed by itself (RFC 5280), P-256, made anew at each call. */
export function makeCertificate({ names, notAfter = new Date(Date.now() + 86_400_000) }: CertificateOptions): TestCertificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
  // Another name each time: an issuer is looked for by its name.
  const serial = randomBytes(8).toString('hex')
  const name = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(`Test ${serial}`)))))
  const alternativeNames = sequence(...names.map((host) => der(0x82, Buffer.from(host))))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from(`01${serial}`, 'hex')),
    algorithm,
    name,
    sequence(time(new Date(Date.now() - 2 * 86_400_000)), time(notAfter)),
    name,
    createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid(0x55, 0x1d, 0x11), der(0x04, alternativeNames)))),
  )
  const signature = sign('sha256', body, pair.privateKey)
  const whole = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return { key, cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n') }
}

/** What NODE_EXTRA_CA_CERTS does at the start of a process, for this one: from now on such a certificate is trusted. */
export function trust({ cert }: TestCertificate): void {
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), cert])
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts)
}

function oid(...bytes: number[]): Buffer {
  return der(0x06, Buffer.from(bytes))
}

function time(when: Date): Buffer {
  return der(0x18, Buffer.from(`${when.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`))
}
