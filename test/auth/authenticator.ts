import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

/** What a device is made to do wrong. */
export interface Misdeeds {
  /** The page's origin; default: the one the authenticator was made for. */
  origin?: string
  rpId?: string
  /** Another than the one that was asked for. */
  challenge?: string
  /** Whether PIN, finger or face were checked. */
  userVerified?: boolean
  userPresent?: boolean
  /** The counter that is told; default: one more than before, or always 0 for a device without one. */
  counter?: number
  type?: string
  /** Flips the last bit of the signature. */
  flipped?: boolean
  userHandle?: string | null
  /** COSE algorithm that the key claims to be of. */
  algorithm?: number
}

export interface CreationOptions {
  challenge: string
  rp: { id: string }
  user: { id: string }
}

export interface RequestOptions {
  challenge: string
  rpId: string
}

/** The kinds of value that CBOR needs here (RFC 8949): integers, bytes, text and maps. */
type Cbor = number | string | Uint8Array | Map<number | string, Cbor>

/** A passkey of one site as a device keeps it: real attestations (none) and assertions, ES256. */
export class Authenticator {
  readonly credentialId = randomBytes(32)
  readonly origin: string
  /** Synced passkeys have no counter: they tell 0 for ever. */
  readonly counts: boolean
  counter = 0
  /** Of an account elsewhere, until a site tells its own. */
  userHandle = randomBytes(16).toString('base64url')
  readonly #keys: { privateKey: KeyObject; publicKey: KeyObject } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  constructor(origin: string, { counts = true } = {}) {
    this.origin = origin
    this.counts = counts
  }

  get id(): string {
    return this.credentialId.toString('base64url')
  }

  /** RegistrationResponseJSON. */
  create({ challenge, rp, user }: CreationOptions, misdeeds: Misdeeds = {}) {
    this.userHandle = user.id
    const clientData = this.#clientData('webauthn.create', challenge, misdeeds)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.credentialId.length)
    // AAGUID, length and id of the credential, and its public key (WebAuthn, 6.5.2).
    const attested = Buffer.concat([Buffer.alloc(16), length, this.credentialId, cbor(this.#coseKey(misdeeds.algorithm ?? -7))])
    const authData = Buffer.concat([this.#authData(rp.id, { ...misdeeds, attested: true }), attested])
    const attestationObject = cbor(
      new Map<string, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    )
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
    }
  }

  /** AuthenticationResponseJSON. */
  get({ challenge, rpId }: RequestOptions, misdeeds: Misdeeds = {}) {
    const clientData = this.#clientData('webauthn.get', challenge, misdeeds)
    const authData = this.#authData(rpId, misdeeds)
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()])
    const signature = createSign('sha256').update(signed).sign(this.#keys.privateKey)
    if (misdeeds.flipped) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
    const handle = misdeeds.userHandle === undefined ? this.userHandle : misdeeds.userHandle
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(handle === null ? {} : { userHandle: handle }),
      },
    }
  }

  #clientData(type: string, challenge: string, misdeeds: Misdeeds): Buffer {
    const { origin = this.origin } = misdeeds
    return Buffer.from(JSON.stringify({ type: misdeeds.type ?? type, challenge: misdeeds.challenge ?? challenge, origin, crossOrigin: false }))
  }

  #authData(rpId: string, { attested = false, ...misdeeds }: Misdeeds & { attested?: boolean }): Buffer {
    const { userPresent = true, userVerified = true } = misdeeds
    if (this.counts) this.counter++
    const told = misdeeds.counter ?? this.counter
    const tail = Buffer.alloc(5)
    tail[0] = (userPresent ? 1 : 0) | (userVerified ? 4 : 0) | (attested ? 0x40 : 0)
    tail.writeUInt32BE(told, 1)
    const hash = createHash('sha256')
      .update(misdeeds.rpId ?? rpId)
      .digest()
    return Buffer.concat([hash, tail])
  }

  #coseKey(algorithm: number): Cbor {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    return new Map<number, Cbor>([
      [1, 2],
      [3, algorithm],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ])
  }
}

function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, entry]) => [cbor(key), cbor(entry)])])
}

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count])
  if (count < 256) return Buffer.from([(major << 5) | 24, count])
  return Buffer.from([(major << 5) | 25, count >> 8, count & 255])
}
