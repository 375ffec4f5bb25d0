import { type Origin, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import { keyOverlap, retiredKeyLife, signingKeyLife } from '../sessions/token-life.ts'
import type { KeyRow } from './key-state.ts'
import { newSigningKey, openSigningKey } from './signing-keys.ts'

/**
 * `due`: by the schedule, where the current key is old enough. `ahead`: on demand; the new key is published now, and signs when everybody has had the
 * time to learn of it. `now`: a key may be known to somebody else; every other one is void at once, and so is each access token that it signed.
 */
export type When = 'due' | 'ahead' | 'now'

export interface Rotation {
  tenantId: string
  when: When
  /** Who wants it. Default: the schedule. */
  origin?: Origin
  /** Also where the standing key does not open: only for who surely holds the service's own SECRET_KEYS. Default: SIGNING_KEY_UNREADABLE. */
  replaceUnreadable?: boolean
}

export interface Rotated {
  /** The newest key. */
  key: KeyRow
  /** False where there was no need: one waits for its turn already, or somebody else rotated in the same moment. */
  made: boolean
}

type Rows = Awaited<ReturnType<typeof readRows>>
type Transaction = Pick<TenantDb, 'signingKey' | '$queryRaw'>

/** Any number of these at once, from whichever process, make one new key. */
export async function rotateKey(db: TenantDb, box: SecretBox, { tenantId, when, origin, replaceUnreadable = false }: Rotation): Promise<Rotated> {
  const before = await readRows(db)
  const standing = newestOf(before)
  if (when === 'due' && standing && isYoung(standing, new Date())) return { key: standing, made: false }
  // Outside the transaction: it costs a millisecond that others need not wait for.
  const fresh = newSigningKey(box, tenantId)
  return db.$transaction(async (tx) => {
    const now = await takeTurn(tx, tenantId)
    const rows = await readRows(tx)
    const newest = newestOf(rows)
    if (newest && isDone(when, { before, rows, newest, now })) return { key: newest, made: false }
    // Somebody with other SECRET_KEYS than the service would make a key that the service cannot open, and nobody could sign in.
    if (newest && !replaceUnreadable) requireReadable(box, newest)
    const activatesAt = newest && when !== 'now' ? new Date(now.getTime() + keyOverlap * 1000) : now
    if (when === 'now') await tx.signingKey.deleteMany()
    else if (newest) await tx.signingKey.updateMany({ where: { id: newest.id }, data: { retiredAt: activatesAt } })
    const key = await tx.signingKey.create({ data: { ...fresh, createdAt: now, activatesAt } })
    const action = when === 'now' ? 'signing-key.revoked' : 'signing-key.rotated'
    await recordEvent(tx, origin ?? { tenantId, actor: { kind: 'system' } }, { action, target: { kind: 'signing-key', id: key.id } })
    return { key, made: true }
  })
}

/**
 * Wipes the private half of what signs no more, and removes what is published no more. A minute's grace, for copies of the service whose clocks are
 * behind.
 */
export async function tidyKeys(db: TenantDb): Promise<void> {
  await db.$executeRaw`update signing_keys set sealed_private = '' where sealed_private <> '' and retired_at < now() - interval '1 minute'`
  await db.$executeRaw`delete from signing_keys where retired_at < now() - make_interval(secs => ${retiredKeyLife})`
}

interface Found {
  /** What there was when the wish came in. */
  before: Rows
  /** What there is now that it is its turn. */
  rows: Rows
  newest: KeyRow
  now: Date
}

function isDone(when: When, { before, rows, newest, now }: Found): boolean {
  if (when !== 'now') return newest.activatesAt > now || (when === 'due' && isYoung(newest, now))
  // Nothing is left of what there was: whoever did that came just before us, and wanted the same.
  const left = new Set(rows.map(({ id }) => id))
  return !before.some(({ id }) => left.has(id))
}

/** A lock instead of one of the newest row: whoever waits for that would find it replaced by one that it does not see. Answers the database's time. */
async function takeTurn(tx: Transaction, tenantId: string): Promise<Date> {
  const [turn] = await tx.$queryRaw<{ now: Date }[]>`
    select pg_advisory_xact_lock(hashtextextended(${`signing keys ${tenantId}`}, 7236411))::text as locked, clock_timestamp() as now`
  if (!turn) throw new Error('the database gave no time')
  return turn.now
}

function readRows(db: Pick<TenantDb, 'signingKey'>) {
  return db.signingKey.findMany({ orderBy: [{ activatesAt: 'desc' }, { id: 'asc' }] })
}

function newestOf(rows: Rows) {
  return rows.find(({ retiredAt }) => retiredAt === null)
}

function isYoung({ activatesAt }: { activatesAt: Date }, now: Date): boolean {
  return now.getTime() - activatesAt.getTime() < signingKeyLife * 1000
}

function requireReadable(box: SecretBox, row: { tenantId: string; sealedPrivate: string }): void {
  try {
    openSigningKey(box, row)
  } catch (cause) {
    throw problem('SIGNING_KEY_UNREADABLE', { cause })
  }
}
