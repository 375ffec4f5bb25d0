import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Seeded, seed } from '../../prisma/seed.ts'
import { type Config, loadConfig } from '../config.ts'
import { runProcess } from '../run-process.ts'
import { startService } from '../start-service.ts'
import { originOf } from '../tenancy/canonical-origin.ts'
import { provideEmbedded } from './environment.ts'
import { type Inbox, inboxHost } from './inbox/inbox.ts'

interface DemoSite {
  slug: string
  url: string
  accounts: { email: string; password: string; role: string }[]
}

interface Demo {
  sites: DemoSite[]
  console: Omit<DemoSite, 'slug'>
  /** Where every mail of the demo is shown. */
  inbox?: { url: string }
}

const progress = (line: string) => console.log(`  ${line} …`)

/** `npm run demo`: everything the service needs, two seeded sites, and what to open. */
runProcess(async (opened) => {
  if (process.env.NODE_ENV === 'production') throw new Error('The demo makes its own secrets and accounts: it does not run with NODE_ENV=production.')
  const embedded = await provideEmbedded({ LOG_LEVEL: 'warn', ...process.env }, progress)
  opened(embedded.stop)
  const config = loadConfig(embedded.env)
  const { inbox } = embedded
  const demo = await describe(config, await seed(config, progress, { inbox }), inbox)
  const service = await startService(config, embedded.overrides)
  opened(service.stop, config.stopDelay)
  console.log(table(config, demo))
})

/** Writes demo.json. Passwords are known only in the run that made the account, so those of earlier runs are carried over. */
async function describe(config: Config, seeded: readonly Seeded[], inbox: Inbox | undefined): Promise<Demo> {
  const file = join(config.dataDir, 'demo.json')
  const before: Partial<Demo> = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))
  const known = new Map(
    [...(before.sites ?? []), ...(before.console ? [before.console] : [])].flatMap(({ accounts }) =>
      accounts.map(({ email, password }) => [email, password] as const),
    ),
  )
  const sites = seeded.map(({ slug, host, accounts }) => ({
    slug,
    url: originOf(host, config.publicOrigin),
    accounts: accounts.map(({ email, password, role }) => ({ email, password: password ?? known.get(email) ?? '', role })),
  }))
  const platform = sites.find(({ slug }) => slug === 'console')
  const demo = {
    sites: sites.filter((site) => site !== platform),
    console: { url: platform?.url ?? '', accounts: platform?.accounts ?? [] },
    ...(inbox ? { inbox: { url: originOf(inboxHost, config.publicOrigin) } } : {}),
  }
  await writeFile(file, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 })
  return demo
}

function table(config: Config, { sites, console: platform, inbox }: Demo): string {
  const rows = [...sites.map(({ url, accounts }) => [url, accounts[0]] as const), [platform.url, platform.accounts[0]] as const]
  const width = Math.max(...rows.map(([url]) => url.length))
  const emailWidth = Math.max(...rows.map(([, account]) => account?.email.length ?? 0))
  const lines = rows.map(([url, account]) => `  ${url.padEnd(width)}   ${(account?.email ?? '').padEnd(emailWidth)}   ${account?.password ?? ''}`)
  const also = [
    [`${sites[0]?.url ?? ''}/docs`, 'the API, to read and try'] as const,
    ...(inbox ? [[inbox.url, 'every mail of this demo'] as const] : []),
  ]
  const alsoWidth = Math.max(...also.map(([url]) => url.length))
  return [
    '',
    'Tenantry serves. Open:',
    '',
    ...lines,
    '',
    ...also.map(([url, what]) => `  ${url.padEnd(alsoWidth)}   ${what}`),
    `  all accounts: ${resolve(config.dataDir, 'demo.json')}`,
    '',
    'Ctrl-C stops it; the data stays.',
    '',
  ].join('\n')
}
