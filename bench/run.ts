import pg from 'pg'
import { loadConfig } from '../src/config.ts'
import { startChild } from './child.ts'
import { measureAssets } from './measure-assets.ts'
import { measureBrand } from './measure-brand.ts'
import { measureEnumeration } from './measure-enumeration.ts'
import { measureReads } from './measure-http.ts'
import { measureList } from './measure-list.ts'
import { measureMail } from './measure-mail.ts'
import { measureMembers } from './measure-members.ts'
import { measureRefresh } from './measure-refresh.ts'
import { measureServer } from './measure-server.ts'
import { measureSignIns } from './measure-sign-ins.ts'
import { measureStart } from './measure-start.ts'
import { measureTenants } from './measure-tenants.ts'
import { measureUploads } from './measure-uploads.ts'
import { help, type Options, parts, readOptions } from './options.ts'
import { isMet, type Row, table, writeResults } from './report.ts'
import { runToEnd, type Step } from './run-to-end.ts'
import { signInOnce } from './sign-in-once.ts'
import { createWorld, type World } from './world.ts'

const progress = (line: string) => console.log(`  ${line} …`)

runToEnd(run)

async function run(undo: Step[]): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (!options) return console.log(help)
  if (options.server) return print(await measureServer(options))
  progress('starting PostgreSQL and making the tenants')
  const made = createWorld(Math.max(200, options.only.includes('tenants') ? options.pace.tenants : 0))
  undo.push(async () => (await made).stop())
  const world = await made
  const rows = await measureAll(options, world)
  print(rows)
  if (options.only.length < parts.length) return
  console.log(`\n  kept in ${await writeResults(rows, { postgres: await postgresVersion(world) })}`)
}

async function measureAll({ pace, only }: Options, world: World): Promise<Row[]> {
  const rows: Row[] = []
  const part = async (name: string, title: string, measure: () => Promise<Row[]>) => {
    if (!only.includes(name)) return
    progress(title)
    const found = await measure()
    for (const row of found) console.log(`    ${row.what}: ${row.measured.toFixed(2)}`)
    rows.push(...found)
  }
  const { hosts, emails, password } = world.seeded
  const server = await startChild('tenantry', world.env)
  const origin = `http://127.0.0.1:${await server.ask<number>('port')}`
  const at = (path: string) => ({ origin, path, headers: { host: hosts[0] ?? '' } })
  const account = { email: emails[0] ?? '', password }
  const signIn = at('/v1/auth/sign-in')
  const bodies = emails.map((email) => JSON.stringify({ email, password }))
  const me = at('/v1/me')
  const bearer = { ...me, headers: { ...me.headers, authorization: `Bearer ${await signInOnce(signIn, account)}` } }
  const reads = [
    { what: 'GET /v1/site', target: at('/v1/site'), wanted: 0.8 },
    { what: 'GET /v1/me with bearer', target: bearer, wanted: 0.6 },
    { what: 'public entries list, warm', target: at('/v1/collections/posts/entries'), wanted: 0.75 },
  ]
  await part('reads', 'reads from memory', () => measureReads(pace, reads, server))
  await part('assets', 'built files', () => measureAssets(pace, at('/account/sign-in'), server))
  const { concurrency: parallelism } = loadConfig(world.env).hashing
  await part('sign-ins', 'sign-ins', () => measureSignIns(pace, { target: signIn, bodies, parallelism }))
  await server.stop()
  await part('list', 'lists from the database', () => measureList(pace, world))
  await part('tenants', `${pace.tenants.toLocaleString('en')} tenants`, () => measureTenants(pace, world))
  await part('refresh', 'refresh tokens', () => measureRefresh(pace, world))
  await part('members', 'members of one site', () => measureMembers(pace, world))
  await part('mail', 'mail', () => measureMail(pace, world))
  await part('uploads', 'uploads of large files', () => measureUploads(pace, world))
  await part('enumeration', 'known and unknown addresses', () => measureEnumeration(pace, world))
  await part('brand', 'publishing a brand', () => measureBrand(pace, world))
  await part('start', 'starts and memory', () => measureStart(pace, world))
  return rows
}

function print(rows: readonly Row[]): void {
  const missed = rows.filter((row) => !isMet(row))
  console.log(`\n${table(rows)}\n\n${missed.length === 0 ? '  All as wanted.' : `  Not as wanted: ${missed.map(({ what }) => what).join('; ')}.`}`)
}

async function postgresVersion({ env }: World): Promise<string> {
  const client = new pg.Client({ connectionString: env.DATABASE_URL })
  await client.connect()
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  await client.end()
  return rows[0]?.server_version ?? 'unknown'
}
