import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { FactorId } from './factor-fields.ts'
import { passkeyChallengeLife } from './factor-life.ts'
import type { FactorNotice } from './factor-notice.ts'
import { openPasskeyChallenge, type PasskeyUse } from './passkey-challenge.ts'
import { relyingParty } from './relying-party.ts'

const strict = { additionalProperties: false }
const Bytes = Type.String({ maxLength: 1_400, description: 'base64url' })
const Credential = Type.Object({ type: Type.Literal('public-key'), id: Bytes, transports: Type.Array(Type.String({ maxLength: 20 })) }, strict)

/** For `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`. */
export const PasskeyRequestAnswer = Type.Object(
  {
    challenge: Type.String({ maxLength: 36, description: 'Names it in the next step' }),
    options: Type.Object(
      {
        challenge: Bytes,
        rpId: Type.String({ maxLength: 253 }),
        timeout: Type.Integer(),
        userVerification: Type.Literal('required'),
        allowCredentials: Type.Array(Credential),
      },
      { ...strict, description: 'PublicKeyCredentialRequestOptionsJSON' },
    ),
  },
  strict,
)

/** For `PublicKeyCredential.parseCreationOptionsFromJSON` and `navigator.credentials.create`. */
export const PasskeyCreationAnswer = Type.Object(
  {
    challenge: FactorId,
    options: Type.Object(
      {
        challenge: Bytes,
        rp: Type.Object({ id: Type.String({ maxLength: 253 }), name: Type.String({ maxLength: 200 }) }, strict),
        user: Type.Object({ id: Bytes, name: Type.String({ maxLength: 254 }), displayName: Type.String({ maxLength: 200 }) }, strict),
        pubKeyCredParams: Type.Array(Type.Object({ type: Type.Literal('public-key'), alg: Type.Integer() }, strict)),
        timeout: Type.Integer(),
        attestation: Type.Literal('none'),
        authenticatorSelection: Type.Object({ residentKey: Type.Literal('preferred'), userVerification: Type.Literal('required') }, strict),
        excludeCredentials: Type.Array(Credential),
      },
      { ...strict, description: 'PublicKeyCredentialCreationOptionsJSON' },
    ),
  },
  strict,
)

/** COSE: EdDSA, ES256, RS256. */
export const passkeyAlgorithms = [-8, -7, -257]

/** The handle that a discoverable passkey answers with (WebAuthn, 4): the member's id, which says nothing about the person. */
export function userHandle(memberId: string): string {
  return Buffer.from(memberId.replaceAll('-', ''), 'hex').toString('base64url')
}

/** Verification of the user by the device is required, so that a passkey is two factors: having the device, and its PIN, finger or face. */
export async function passkeyRequestOptions(request: FastifyRequest, use: PasskeyUse): Promise<Static<typeof PasskeyRequestAnswer>> {
  const { tenant, db } = request
  // A sign-in names nobody, so there is nothing to find out from it: the device offers what it has for this site.
  const allowCredentials = use.memberId === undefined ? [] : await credentialsOf(request, use.memberId)
  const { id, challenge } = await openPasskeyChallenge({ db, tenantId: tenant.id }, use)
  const { rpId } = relyingParty(request)
  return { challenge: id, options: { challenge, rpId, timeout: passkeyChallengeLife * 1000, userVerification: 'required', allowCredentials } }
}

export async function passkeyCreationOptions(
  request: FastifyRequest,
  { memberId, email, name }: Pick<FactorNotice, 'memberId' | 'email' | 'name'>,
  boundTo: string,
): Promise<Static<typeof PasskeyCreationAnswer>> {
  const { tenant, db } = request
  const excludeCredentials = await credentialsOf(request, memberId)
  const site = await db.site.findFirst({ select: { name: true } })
  const { id, challenge } = await openPasskeyChallenge({ db, tenantId: tenant.id }, { purpose: 'register', memberId, boundTo })
  const { rpId } = relyingParty(request)
  return {
    challenge: id,
    options: {
      challenge,
      rp: { id: rpId, name: site?.name ?? rpId },
      user: { id: userHandle(memberId), name: email, displayName: name },
      pubKeyCredParams: passkeyAlgorithms.map((alg) => ({ type: 'public-key', alg })),
      timeout: passkeyChallengeLife * 1000,
      // Which make of device it is, is none of our business.
      attestation: 'none',
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      excludeCredentials,
    },
  }
}

async function credentialsOf({ db }: FastifyRequest, memberId: string): Promise<Static<typeof Credential>[]> {
  const known = await db.passkey.findMany({ where: { memberId }, select: { credential: true, transports: true }, orderBy: { createdAt: 'asc' } })
  return known.map(({ credential, transports }) => ({ type: 'public-key', id: Buffer.from(credential).toString('base64url'), transports }))
}
