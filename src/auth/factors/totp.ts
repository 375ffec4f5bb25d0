import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'
import { randomSecretBytes } from '../../security/random-token.ts'

/** RFC 6238 as every authenticator app speaks it: SHA-1, six digits, 30 seconds. */
const shape = { algorithm: 'SHA1', digits: 6, period: 30 } as const
/** A step before and one after: clocks differ, and typing takes its time (RFC 6238, 5.2). */
const window = 1

/** 160 bits (RFC 4226, 4), in Base32 as apps take it when it is typed. */
export function newTotpSecret(): string {
  return new Secret({ buffer: randomSecretBytes(20).buffer }).base32
}

/** The time step that `code` belongs to; undefined where it is none of those that count now. Compared in constant time. */
export function stepOfCode(secret: string, code: string, now: number = Date.now()): number | undefined {
  const delta = TOTP.validate({ ...shape, secret: Secret.fromBase32(secret), token: code, window, timestamp: now })
  return delta === null ? undefined : TOTP.counter({ period: shape.period, timestamp: now }) + delta
}

export interface TotpSetup {
  secret: string
  /** `otpauth://`, which apps open. */
  uri: string
  /** The same as an SVG to scan. */
  qr: string
}

/** What an app needs: `issuer` is the site's name, `label` the member's address. */
export function describeTotp(secret: string, { issuer, label }: { issuer: string; label: string }): TotpSetup {
  // A colon parts issuer and label in the app's list.
  const uri = new TOTP({ ...shape, secret, issuer: issuer.replaceAll(':', ' '), label }).toString()
  return { secret, uri, qr: renderSVG(uri, { ecc: 'M', border: 4, pixelSize: 4 }) }
}
