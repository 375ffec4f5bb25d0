import type { FastifyRequest } from 'fastify'
import { refuseFor } from '../../errors.ts'
import { clientNetwork } from '../../security/client-network.ts'
import type { Purpose } from './challenge.ts'

/** Counts a request that may end in a mail to a stranger, by network: 429 RATE_LIMITED when there are too many. */
export async function countAccountRequest({ tenant, ip, server }: FastifyRequest): Promise<void> {
  const network = `${tenant.id} ${clientNetwork(ip)}`
  refuseFor(await server.limits.accountRequests.take(network))
  refuseFor(await server.limits.accountRequestsDaily.take(network))
}

/** Counts a sign-in, or a proof once more of who one is, by network. */
export async function countSignIn({ tenant, ip, server }: FastifyRequest): Promise<void> {
  refuseFor(await server.limits.signIns.take(`${tenant.id} ${clientNetwork(ip)}`))
}

/** Counts a password that is looked at while it is typed, by network. */
export async function countPasswordHint({ tenant, ip, server }: FastifyRequest): Promise<void> {
  refuseFor(await server.limits.passwordHints.take(`${tenant.id} ${clientNetwork(ip)}`))
}

/** Counts a try of a link or code, by network. Apart from the above, or whoever asks for mails could keep an office from using theirs. */
export async function countProof({ tenant, ip, server }: FastifyRequest): Promise<void> {
  refuseFor(await server.limits.proofs.take(`${tenant.id} ${clientNetwork(ip)}`))
}

/**
 * Counts a mail of this purpose to the address, whether anybody has it or not: one kind of mail must not use up another's. One that comes too soon
 * does not count for the hour.
 */
export async function countMail({ tenant, server }: FastifyRequest, purpose: Purpose, emailKey: string): Promise<void> {
  const account = `${tenant.id} ${purpose} ${emailKey}`
  refuseFor(await server.limits.mailsSoon.take(account))
  refuseFor(await server.limits.mailsHourly.take(account))
}

/** Counts what costs a signed-in member little and us much: hashes, mails, exports. */
export async function countDearAct({ tenant, session, server }: FastifyRequest): Promise<void> {
  refuseFor(await server.limits.dearActs.take(`${tenant.id} ${session.memberId}`))
}
