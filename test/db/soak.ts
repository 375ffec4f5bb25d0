import type pg from 'pg'
import type { Database, TenantDb } from '../../src/db/client.ts'

export interface SoakInput {
  db: Database
  /** Cuts server connections; no policy binds it. */
  owner: pg.Client
  /** Each has members, every one named after its tenant. */
  tenants: readonly string[]
  callers: number
  operations: number
  random: () => number
}

export interface SoakResult {
  /** Rows that were read, or changed, by a tenant whose they are not. */
  mismatches: string[]
  read: number
  /** Failures by name; a soak that provokes none proves little. */
  failures: Record<string, number>
  done: number
}

type Operation = (client: TenantDb, tenant: string, rows: { id: string }[]) => Promise<unknown>

/** Many callers, each with a random tenant and a random operation in turn, and every kind of thing going wrong in between. */
export async function soak({ db, owner, tenants, callers, operations, random }: SoakInput): Promise<SoakResult> {
  const result: SoakResult = { mismatches: [], read: 0, failures: {}, done: 0 }
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const cut: Operation = async () => {
    await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      and application_name is distinct from 'owner' order by random() limit 1`)
  }
  let left = operations
  const caller = async () => {
    while (left-- > 0) {
      const tenant = pick(tenants)
      const rows: { id: string }[] = []
      const operation = left % 150 === 0 ? cut : pick(weighted)
      try {
        await operation(db.forTenant(tenant), tenant, rows)
      } catch (error) {
        const name = nameOf(error)
        result.failures[name] = (result.failures[name] ?? 0) + 1
      }
      result.read += rows.length
      result.done++
      for (const row of rows) if (row.id !== tenant) result.mismatches.push(`${operation.name}: ${tenant} read ${row.id}`)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return result
}

const list: Operation = async (client, _tenant, rows) => {
  rows.push(...(await client.member.findMany({ select: { id: true } })))
}

const unique: Operation = async (client, tenant, rows) => {
  const found = await client.member.findUnique({ where: { tenantId_id: { tenantId: tenant, id: tenant } }, select: { id: true } })
  rows.push(found ?? { id: 'nothing, though its row exists' })
}

const raw: Operation = async (client, _tenant, rows) => {
  rows.push(...(await client.$queryRaw<{ id: string }[]>`select id::text from members`))
}

const batch: Operation = async (client, _tenant, rows) => {
  const [one, other] = await client.$transaction([
    client.$queryRaw<{ id: string }[]>`select id::text from members`,
    client.member.findMany({ select: { id: true } }),
  ])
  rows.push(...one, ...other)
}

const interactive: Operation = async (client, tenant, rows) => {
  await client.$transaction(async (tx) => {
    rows.push(...(await tx.member.findMany({ select: { id: true } })))
    await tx.member.updateMany({ data: { name: tenant } })
    rows.push(...(await tx.$queryRaw<{ id: string }[]>`select id::text from members`))
  })
}

const abort: Operation = async (client, _tenant, rows) => {
  await client.$transaction(async (tx) => {
    await tx.member.updateMany({ data: { name: 'must be rolled back' } })
    rows.push(...(await tx.member.findMany({ select: { id: true } })))
    throw new Error('aborted on purpose')
  })
}

const failedStatement: Operation = async (client) => {
  await client.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 / 0`
  })
}

const statementTimeout: Operation = async (client) => {
  await client.$transaction(async (tx) => {
    await tx.$executeRaw`set local statement_timeout = 20`
    await tx.$queryRaw`select pg_sleep(5)::text`
  })
}

const transactionTimeout: Operation = async (client, _tenant, rows) => {
  await client.$transaction(
    async (tx) => {
      await tx.$queryRaw`select pg_sleep(0.05)::text`
      rows.push(...(await tx.member.findMany({ select: { id: true } })))
    },
    { timeout: 20 },
  )
}

const weighted = [
  ...Array<Operation>(8).fill(list),
  ...Array<Operation>(6).fill(unique),
  ...Array<Operation>(6).fill(raw),
  ...Array<Operation>(6).fill(batch),
  ...Array<Operation>(6).fill(interactive),
  ...Array<Operation>(3).fill(abort),
  failedStatement,
  statementTimeout,
  transactionTimeout,
]

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const last = error.message.trim().split('\n').at(-1) ?? ''
  return `${'code' in error ? error.code : error.name} ${last.replaceAll(/\d+ ms/g, 'n ms').slice(0, 90)}`
}
