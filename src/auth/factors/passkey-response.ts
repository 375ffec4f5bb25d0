import { Type } from 'typebox'
import { FactorId } from './factor-fields.ts'

const strict = { additionalProperties: false }
const bytes = (maxLength: number) => Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength, description: 'base64url' })
const CredentialId = bytes(1_364)

/** What a browser's `toJSON` has beside the response. Extensions are not asked for, and what they say is not read. */
const common = {
  id: CredentialId,
  rawId: CredentialId,
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(Type.Union([Type.Literal('platform'), Type.Literal('cross-platform'), Type.Null()])),
  clientExtensionResults: Type.Optional(Type.Record(Type.String({ maxLength: 50 }), Type.Unknown())),
}

/** AuthenticationResponseJSON (WebAuthn, 5.1). */
export const PasskeyAssertion = Type.Object(
  {
    ...common,
    response: Type.Object(
      {
        clientDataJSON: bytes(3_000),
        authenticatorData: bytes(3_000),
        signature: bytes(1_400),
        userHandle: Type.Optional(Type.Union([bytes(100), Type.Null()])),
      },
      strict,
    ),
  },
  strict,
)

/** RegistrationResponseJSON (WebAuthn, 5.1). */
export const PasskeyAttestation = Type.Object(
  {
    ...common,
    response: Type.Object(
      {
        clientDataJSON: bytes(3_000),
        attestationObject: bytes(10_000),
        authenticatorData: Type.Optional(bytes(4_000)),
        transports: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z-]{1,20}$', maxLength: 20 }), { maxItems: 10 })),
        publicKey: Type.Optional(Type.Union([bytes(3_000), Type.Null()])),
        publicKeyAlgorithm: Type.Optional(Type.Integer()),
      },
      strict,
    ),
  },
  strict,
)

/** A challenge, by the name it was given, and what the authenticator made of it. */
export const passkeyProof = { challenge: FactorId, response: PasskeyAssertion }

/** Room for the longest of these; other operations of `/v1/auth` take 4 KB. */
export const passkeyBodyLimit = 24 * 1024
