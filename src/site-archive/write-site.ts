import type pg from 'pg'
import { newId } from '../security/random-token.ts'
import type { Table } from './catalogue.ts'
import { type ArchiveSource, type CheckedArchive, readLines } from './check-archive.ts'
import type { HostPolicy } from './choose-hosts.ts'
import { createPartChain } from './part-chain.ts'
import type { ImportPlan } from './plan-import.ts'
import { readParts, replaced } from './read-archive.ts'
import { type Seals, sealingOf } from './sealed-values.ts'
import { plainSettings, readRow, writeRows } from './table-rows.ts'
import { writeHosts } from './write-hosts.ts'

export interface WriteTools {
  owner: pg.Client
  seals: Seals
  hostPolicy: HostPolicy
  signal?: AbortSignal
  progress?: (line: string) => void
}

type Site = CheckedArchive & ImportPlan

/** The connection broke while the transaction was ending. */
export class CommitUnknown extends Error {
  constructor(slug: string, cause: unknown) {
    super(
      `The database went away as the import ended: "tenantry keys list ${slug}" tells whether the site is there. If not, import it with --discard-files.`,
      { cause },
    )
  }
}

/** All rows in one transaction, in the order of the archive, which is one in which what others point to comes first. */
export async function writeSite(tools: WriteTools, source: ArchiveSource, site: Site): Promise<void> {
  const { owner } = tools
  try {
    await owner.query('begin')
    await owner.query(plainSettings)
    // The owner of a table is held to its policies too: no row of another tenant can be written here.
    await owner.query("select set_config('app.tenant_id', $1, true)", [site.tenantId])
    await writeDirectory(owner, site)
    await writeTables(tools, source, site)
    await writeHosts(owner, tools.hostPolicy, site)
    await tellOf(owner, site)
  } catch (error) {
    await owner.query('rollback').catch(() => undefined)
    throw withRemedy(error)
  }
  await commit(owner, site.slug)
}

async function commit(owner: pg.Client, slug: string): Promise<void> {
  try {
    await owner.query('commit')
  } catch (error) {
    throw isRefusal(error) ? withRemedy(error) : new CommitUnknown(slug, error)
  }
}

/** The version goes on from where it was: what is kept anywhere by an older one is never taken for this. */
async function writeDirectory(owner: pg.Client, { tenantId, slug, status, manifest }: Site): Promise<void> {
  const { version, createdAt } = manifest.site
  await owner.query(
    `insert into tenants (id, slug, kind, status, version, created_at) values ($1, $2, 'site', $3, $4::bigint + 1, $5::timestamptz)`,
    [tenantId, slug, status, version, createdAt],
  )
}

async function writeTables(
  { owner, seals, signal, progress }: WriteTools,
  source: ArchiveSource,
  { tenantId, tables, manifest, sums }: Site,
): Promise<void> {
  const known = new Map<string, Table>(tables.map((table) => [table.name, table]))
  const chain = createPartChain()
  for await (const part of readParts(await source.open(), chain)) {
    signal?.throwIfAborted()
    // Rows come before objects.
    if (part.kind === 'object') break
    if (part.kind === 'manifest') continue
    const table = known.get(part.table)
    if (!table) throw new TypeError(`${part.table} does not travel`)
    const sealed = await readLines(part)
    const lines = sealingOf(table, tenantId, seals)?.seal(sealed) ?? sealed
    const renamed =
      table.name === 'audit_events' && tenantId !== manifest.site.id ? lines.map((line) => retarget(line, manifest.site.id, tenantId)) : lines
    await writeRows(owner, table, { tenantId, lines: renamed })
    progress?.(`importing ${table.name}`)
  }
  if (chain.sha256() !== sums.rows) throw new Error(replaced)
}

/** The log calls the site itself by its id. */
function retarget(line: string, from: string, to: string): string {
  const row = readRow(line)
  return row.target === from ? JSON.stringify({ ...row, target: to }) : line
}

async function tellOf(owner: pg.Client, { tenantId, manifest }: Site): Promise<void> {
  await owner.query(
    `insert into audit_events (tenant_id, id, action, actor_kind, target_kind, target, details) values ($1, $2, 'site.imported', 'operator', 'site', $3, $4)`,
    [tenantId, newId(), tenantId, { archive: manifest.archive, from: manifest.site.id }],
  )
}

/** Whether the server itself said no: then nothing of the transaction is left. */
function isRefusal(error: unknown): error is Error {
  const code = String(Reflect.get(Object(error), 'severity') ? Reflect.get(Object(error), 'code') : '')
  return error instanceof Error && code !== '' && !/^(08|57P)/.test(code)
}

function withRemedy(error: unknown): unknown {
  if (isRefusal(error)) return new Error(`The database did not take the rows, and nothing was imported: ${error.message}.`, { cause: error })
  return /^(Connection terminated|Client has encountered a connection error)/.test(error instanceof Error ? error.message : '')
    ? new Error('The connection to the database broke, and nothing was imported: try again.', { cause: error })
    : error
}
