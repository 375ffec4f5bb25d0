import type { FastifyRequest } from 'fastify'
import { problem } from '../errors.ts'
import { clientNetwork } from '../security/client-network.ts'

/** Counts a request that may end in a mail, or that tries a link or a code, by network: 429 RATE_LIMITED when there are too many. */
export function countAccountRequest({ tenant, ip, server }: FastifyRequest): void {
  refuseFor(server.limits.accountRequests.take(`${tenant.id} ${clientNetwork(ip)}`))
}

/** Counts a mail to the address, whether anybody has it or not. One that comes too soon does not count for the hour. */
export function countMail({ tenant, server }: FastifyRequest, emailKey: string): void {
  const account = `${tenant.id} ${emailKey}`
  refuseFor(server.limits.mailsSoon.take(account))
  refuseFor(server.limits.mailsHourly.take(account))
}

function refuseFor(seconds: number): void {
  if (seconds > 0) throw problem('RATE_LIMITED', { retryAfter: seconds })
}
