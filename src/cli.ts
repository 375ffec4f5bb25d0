#!/usr/bin/env node
import { Command } from 'commander'
import { addKeyCommands } from './cli/key-commands.ts'
import { addStorageCommands } from './cli/storage-commands.ts'
import { loadConfig } from './config.ts'
import { type Database, openDatabase } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { databaseProblem } from './db/sql-error.ts'
import { resealSecrets } from './platform/reseal-secrets.ts'
import { setSiteStatus } from './platform/set-site-status.ts'
import { createSecretBox, type SecretBox } from './security/secret-box.ts'
import { exitWith } from './start-service.ts'
import { asOwner } from './tenancy/lifecycle.ts'

const noDatabase = 'DATABASE_URL must be set: this command works on a database that is there, not on the embedded one.'

const program = new Command('tenantry').description('Operate a Tenantry deployment')

program
  .command('migrate')
  .description('bring the database to the newest migration')
  .action(async () => {
    const applied = await migrate(databaseUrl())
    console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date')
  })

const site = program.command('site').description('sites of this hub')

for (const [verb, status] of [
  ['suspend', 'suspended'],
  ['restore', 'active'],
  ['delete', 'deleted'],
] as const) {
  site
    .command(`${verb} <slug>`)
    .description(`make a site ${status}`)
    .action(async (slug: string) => {
      const found = await asOwner(databaseUrl(), (owner) => setSiteStatus(owner, slug, status))
      if (!found) throw new Error(`There is no site "${slug}".`)
      console.log(`${slug} is ${status}`)
    })
}

program
  .command('secrets')
  .description('secrets at rest')
  .command('reseal')
  .description('seal under the first of SECRET_KEYS what an older one sealed, so that the older one can go')
  .action(() =>
    withSecrets(async (database, box) => {
      const kinds = await resealSecrets(database, box)
      for (const { field, current, resealed, unopened } of kinds) {
        console.log(`${field}: ${current} under the first key, ${resealed} sealed anew, ${unopened.length} that no key opens`)
        for (const where of unopened) console.error(`  no key opens ${where}`)
      }
      if (kinds.some(({ unopened }) => unopened.length > 0)) process.exitCode = 1
    }),
  )

addKeyCommands(program, withSecrets)
addStorageCommands(program, () => loadConfig(process.env).storage, withDatabase)

program.parseAsync().catch(exitWith)

function databaseUrl(): string {
  const { unpooledUrl } = loadConfig(process.env).database
  if (!unpooledUrl) throw new Error(noDatabase)
  return unpooledUrl
}

/** Lends the database, as the service sees it, and what opens its secrets. */
async function withSecrets(work: (database: Database, box: SecretBox) => Promise<void>): Promise<void> {
  const { secretKeys, database } = loadConfig(process.env)
  if (!database.url || secretKeys.length === 0) throw new Error('DATABASE_URL and SECRET_KEYS must be set.')
  await withDatabase((opened) => work(opened, createSecretBox(secretKeys)))
}

async function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const { url, poolMode } = loadConfig(process.env).database
  if (!url) throw new Error(noDatabase)
  const database = openDatabase({ url, mode: poolMode, max: 2, onError: () => {} })
  try {
    return await work(database)
  } catch (error) {
    if (databaseProblem(error)?.code !== 'DATABASE_UNAVAILABLE') throw error
    throw new Error('The database of DATABASE_URL cannot be reached.', { cause: error })
  } finally {
    await database.close()
  }
}
