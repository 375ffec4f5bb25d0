import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { newId } from '../../security/random-token.ts'
import { mostPasskeys } from './factor-life.ts'
import { spendPasskeyChallenge } from './passkey-challenge.ts'
import { passkeyAlgorithms } from './passkey-options.ts'
import type { PasskeyAttestation } from './passkey-response.ts'
import { relyingParty } from './relying-party.ts'

export interface NewPasskey {
  memberId: string
  /** Session or pending sign-in that asked for the challenge. */
  boundTo: string
  /** Id of the challenge. */
  challenge: string
  response: Static<typeof PasskeyAttestation>
  name: string
}

type Tx = Pick<TenantDb, 'passkey' | 'auditEvent'>

export interface VerifiedPasskey {
  id: string
  /** Throws 400 PASSKEY_REFUSED where the credential is known here already, 409 FACTOR_LIMIT where there are too many. Under a lock of the member. */
  keep(tx: Tx): Promise<void>
}

/** 400 PASSKEY_REFUSED whatever is wrong with it. */
export async function verifyNewPasskey(request: FastifyRequest, passkey: NewPasskey): Promise<VerifiedPasskey> {
  const { tenant, db } = request
  const { memberId, boundTo, name } = passkey
  const expectedChallenge = await spendPasskeyChallenge(db, passkey.challenge, { purpose: 'register', memberId, boundTo })
  if (expectedChallenge === undefined) throw problem('PASSKEY_REFUSED')
  const { credential, aaguid, credentialBackedUp: backedUp } = await verifyAttestation(request, passkey, expectedChallenge)
  const id = newId()
  const row = {
    tenantId: tenant.id,
    id,
    memberId,
    name,
    credential: new Uint8Array(Buffer.from(credential.id, 'base64url')),
    publicKey: new Uint8Array(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    aaguid,
    backedUp,
  }
  return {
    id,
    async keep(tx) {
      if ((await tx.passkey.count({ where: { memberId } })) >= mostPasskeys) throw problem('FACTOR_LIMIT')
      // Somebody else's credential, or one of before, is not taken over.
      const { count } = await tx.passkey.createMany({ data: [row], skipDuplicates: true })
      if (count === 0) throw problem('PASSKEY_REFUSED')
      const event = { action: 'passkey.added', target: { kind: 'passkey', id } } as const
      await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
    },
  }
}

async function verifyAttestation(request: FastifyRequest, { response }: NewPasskey, expectedChallenge: string) {
  const { rpId, origin } = relyingParty(request)
  const { id, rawId, type, response: made } = response
  const { clientDataJSON, attestationObject, transports } = made
  // Loaded where it is needed, as in check-passkey.ts.
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject, ...(transports ? { transports } : {}) },
      },
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: passkeyAlgorithms,
    })
    if (verified) return registrationInfo
  } catch (error) {
    // As in check-passkey.ts: the words may be the caller's own.
    request.log.debug({ err: error }, 'a passkey was refused')
  }
  throw problem('PASSKEY_REFUSED')
}
