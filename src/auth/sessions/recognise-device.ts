import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { TenantDb } from '../../db/client.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { type Place, placeOf } from '../../security/country.ts'
import { randomSecret } from '../../security/random-token.ts'
import { readAddressee } from './addressee.ts'
import { describeDevice } from './device.ts'
import { describePlace } from './place.ts'

export const deviceCookie = '__Host-device'
export const deviceCookieLife = 365 * 86_400

/** What somebody signs in with, as far as it can be told from others. */
export interface PresentedDevice {
  hash: Uint8Array<ArrayBuffer>
  userAgent: string
  place: Place
  /** For browsers: what their cookie holds from now on. */
  secret?: string
}

const keptDevices = 50

/**
 * A browser is known by a random cookie; any other client, which keeps none, by what it calls itself and the country it is in. To be called before
 * the transaction, because the table of countries may have to be read.
 */
export async function presentedDevice(request: FastifyRequest): Promise<PresentedDevice> {
  const userAgent = (request.headers['user-agent'] ?? '').slice(0, 400)
  const place = await placeOf(request.ip)
  const held = request.cookies[deviceCookie]
  const secret = held && /^[A-Za-z0-9_-]{43}$/.test(held) ? held : wantsCookies(request) ? randomSecret() : undefined
  const seen = { userAgent, place }
  // Apart, so that no words are ever a cookie.
  if (secret) return { ...seen, hash: digest('cookie', secret), secret }
  return { ...seen, hash: digest('words', describeDevice(userAgent, 'en'), place) }
}

/**
 * Keeps the device with those of the member, and tells the member by mail, once, of one that is not their first. In the transaction of the sign-in,
 * as its last statements.
 */
export async function recogniseDevice(
  tx: Pick<TenantDb, '$queryRaw' | '$executeRaw' | 'mailMessage'>,
  { tenantId, memberId }: { tenantId: string; memberId: string },
  { hash, userAgent, place }: PresentedDevice,
): Promise<void> {
  const name = describeDevice(userAgent, 'en')
  // One statement, so that of two sign-ins at once only one finds the device new; `xmax` is 0 in a row that was inserted.
  const [seen] = await tx.$queryRaw<{ isNew: boolean; others: number }[]>`
    insert into known_devices (tenant_id, member_id, device_hash, name) values (${tenantId}::uuid, ${memberId}::uuid, ${hash}, ${name})
    on conflict (tenant_id, member_id, device_hash) do update set last_seen_at = now()
    returning xmax = 0 as "isNew", (select count(*)::int from known_devices other where other.member_id = ${memberId}::uuid) as others`
  if (!seen?.isNew || seen.others === 0) return
  if (seen.others >= keptDevices) await forgetOldest(tx, memberId)
  const { to, name: member, language } = await readAddressee(tx, memberId)
  const device = `${describeDevice(userAgent, language)} (${describePlace(place, language)})`.slice(0, 120)
  await enqueueMail(tx, { tenantId, kind: 'new-device', to, language, variables: { name: member, when: new Date().toISOString(), device } })
}

async function forgetOldest(tx: Pick<TenantDb, '$executeRaw'>, memberId: string): Promise<void> {
  await tx.$executeRaw`
    delete from known_devices where member_id = ${memberId}::uuid and device_hash in (
      select device_hash from known_devices where member_id = ${memberId}::uuid order by last_seen_at desc, device_hash offset ${keptDevices})`
}

/** Whether the answer's tokens go into cookies: as the body says, and always after the form of a page. */
/** A form of a page, or a body that says so. */
export function wantsCookies({ body, headers }: FastifyRequest): boolean {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return true
  return typeof body === 'object' && body !== null && 'transport' in body && body.transport === 'cookie'
}

function digest(...parts: string[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(parts.join('\0')).digest())
}
