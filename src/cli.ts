#!/usr/bin/env node
import { Command } from 'commander'
import { loadConfig } from './config.ts'
import { migrate } from './db/migrate.ts'
import { exitWith } from './start-service.ts'
import { asOwner, setTenantStatus } from './tenancy/lifecycle.ts'

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
      const found = await asOwner(databaseUrl(), (owner) => setTenantStatus(owner, slug, status))
      if (!found) throw new Error(`There is no site "${slug}".`)
      console.log(`${slug} is ${status}`)
    })
}

program.parseAsync().catch(exitWith)

function databaseUrl(): string {
  const { unpooledUrl } = loadConfig(process.env).database
  if (!unpooledUrl) throw new Error('DATABASE_URL must be set: this command works on a database that is there, not on the embedded one.')
  return unpooledUrl
}
