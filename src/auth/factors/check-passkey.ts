import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { type PasskeyUse, spendPasskeyChallenge } from './passkey-challenge.ts'
import { userHandle } from './passkey-options.ts'
import type { PasskeyAssertion } from './passkey-response.ts'
import { relyingParty } from './relying-party.ts'

export interface PasskeyProof {
  /** Id of the challenge. */
  challenge: string
  response: Static<typeof PasskeyAssertion>
}

export interface CheckedPasskey {
  memberId: string
  /** The member's, as of now. */
  epoch: number
  /** False where the counter was used meanwhile: of one answer that is shown twice, one counts. */
  spend(tx: Pick<TenantDb, '$queryRaw'>): Promise<boolean>
}

interface KnownPasskey {
  id: string
  memberId: string
  epoch: number
  publicKey: Uint8Array
  counter: number
}

/**
 * Undefined whatever is wrong: challenge, origin, site, verification of the user, signature, counter, member. A credential of another site is not
 * seen at all, for no query sees its row.
 */
export async function checkPasskey(
  request: FastifyRequest,
  use: PasskeyUse,
  { challenge, response }: PasskeyProof,
): Promise<CheckedPasskey | undefined> {
  const expectedChallenge = await spendPasskeyChallenge(request.db, challenge, use)
  const known = await findPasskey(request.db, response.id)
  if (expectedChallenge === undefined || !known || (use.memberId !== undefined && known.memberId !== use.memberId)) return undefined
  if (!namesMember(response.response.userHandle, known.memberId, use)) return undefined
  const verified = await verifyAssertion(request, { expectedChallenge, response, known })
  if (!verified) return undefined
  const { newCounter, credentialBackedUp } = verified
  return {
    memberId: known.memberId,
    epoch: known.epoch,
    async spend(tx) {
      const rows = await tx.$queryRaw<unknown[]>`
        update passkeys set counter = ${newCounter}, backed_up = ${credentialBackedUp}, last_used_at = now()
        where id = ${known.id}::uuid and (counter < ${newCounter} or (counter = 0 and ${newCounter} = 0)) returning id`
      return rows.length === 1
    },
  }
}

async function findPasskey(db: TenantDb, id: string): Promise<KnownPasskey | undefined> {
  const credential = new Uint8Array(Buffer.from(id, 'base64url'))
  const [known] = await db.$queryRaw<KnownPasskey[]>`
    select p.id, p.member_id as "memberId", m.epoch, p.public_key as "publicKey", p.counter::float8 as counter
    from passkeys p join members m on m.tenant_id = p.tenant_id and m.id = p.member_id
    where p.credential = ${credential} and m.status = 'active'`
  return known
}

/** Where the device chose the account it has to say which (WebAuthn, 7.2, step 6). */
function namesMember(handle: string | null | undefined, memberId: string, { purpose }: PasskeyUse): boolean {
  return handle ? handle === userHandle(memberId) : purpose !== 'sign-in'
}

interface Assertion {
  expectedChallenge: string
  response: PasskeyProof['response']
  known: KnownPasskey
}

async function verifyAssertion(request: FastifyRequest, { expectedChallenge, response, known }: Assertion) {
  const { rpId, origin } = relyingParty(request)
  // Loaded where somebody has a passkey: it brings hundreds of modules of certificates along, and 7 MB.
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: asAuthentication(response),
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: { id: response.id, publicKey: new Uint8Array(known.publicKey), counter: known.counter },
    })
    return verified ? authenticationInfo : undefined
  } catch (error) {
    // The library throws for everything that a caller can get wrong. Its words may repeat the caller's own: a level that is off by default.
    request.log.debug({ err: error }, 'a passkey was refused')
    return undefined
  }
}

function asAuthentication({ id, rawId, type, response }: PasskeyProof['response']): AuthenticationResponseJSON {
  const { clientDataJSON, authenticatorData, signature } = response
  return { id, rawId, type, clientExtensionResults: {}, response: { clientDataJSON, authenticatorData, signature } }
}
