import { randomBytes } from 'node:crypto'
import { newId } from './random-token.ts'

/**
 * An API key is `tnk_` and base64url of: its id (16 bytes), random secret (32). The prefix is for scanners that look for leaked secrets; the id
 * finds the row, so that one look-up and one comparison tell whether it is right. The database holds SHA-256 of the whole.
 */
export interface NewApiKey {
  id: string
  /** Shown once. */
  key: string
}

const prefix = 'tnk_'
const whole = /^tnk_[A-Za-z0-9_-]{64}$/

export function makeApiKey(): NewApiKey {
  const id = newId()
  const bytes = Buffer.concat([Buffer.from(id.replaceAll('-', ''), 'hex'), randomBytes(32)])
  return { id, key: prefix + bytes.toString('base64url') }
}

/** Undefined for what cannot be a key of ours. */
export function readApiKeyId(key: string): string | undefined {
  if (!whole.test(key)) return undefined
  const hex = Buffer.from(key.slice(prefix.length), 'base64url').toString('hex', 0, 16)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** What an Authorization header brings as an API key, right or wrong; undefined where it brings something else. */
export function bearerApiKey(authorization: string | undefined): string | undefined {
  const isKey = authorization?.startsWith(prefix, 7) && authorization.slice(0, 7).toLowerCase() === 'bearer '
  return isKey ? authorization?.slice(7) : undefined
}
