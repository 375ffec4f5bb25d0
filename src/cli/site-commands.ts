import { type Command, Option } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import { confirm } from './confirm.ts'
import { print } from './print.ts'
import { addSiteArchiveCommands } from './site-archive-commands.ts'
import type { CreateFlags } from './sites/create.ts'
import { emailField, hostField, localeField, nameField, slugField, timeZoneField } from './sites/site-fields.ts'
import type { Tools } from './tools.ts'

const changes = [
  { verb: 'suspend', status: 'suspended', description: 'answer 403 to everybody; nothing is lost', warning: 'Visitors and members will get 403.' },
  { verb: 'restore', status: 'active', description: 'serve again what was suspended or deleted', warning: undefined },
  {
    verb: 'delete',
    status: 'deleted',
    description: 'answer 404, as if it had never been; rows stay, and restore brings it back',
    warning: 'It will answer 404.',
  },
] as const

export function addSiteCommands(program: Command, tools: Tools): void {
  const sites = program.command('site').description('sites of this hub')
  addCreation(sites, tools)
  addCommand(sites, { name: 'list', description: 'every site and its state, the hub’s own among them', examples: ['site list'] }).action(
    async (flags: CommonFlags) => {
      const { listSites } = await import('./sites/list.ts')
      await tools.withDatabase((database) => listSites(database, flags))
    },
  )
  addCommand(sites, {
    name: 'show <slug>',
    description: 'hosts, people, mail, brand and media of a site',
    examples: ['site show camara-mezochi'],
  }).action(async (slug: string, flags: CommonFlags) => {
    const { showSite } = await import('./sites/show.ts')
    await tools.withDatabase((database) => showSite(database, tools.config(), slug, flags))
  })
  addChanges(sites, tools)
  addSiteArchiveCommands(sites, tools)
}

function addCreation(sites: Command, tools: Tools): void {
  addCommand(sites, {
    name: 'create',
    description: 'make a site with everything it needs to serve; whole, or not at all',
    examples: [
      'site create cecab --name CECAB-STP --host www.cecab.example --template cooperative --owner dona@cecab.example',
      'site create office --name Office --host office.example --locale en --time-zone Europe/Lisbon',
    ],
  })
    .argument('<slug>', 'short name: letters a-z, digits and hyphens', slugField)
    .requiredOption('--name <name>', 'as people read it', nameField)
    .requiredOption('--host <host>', 'its canonical host, taken as proven: links and tokens bear its name', hostField)
    .addOption(
      new Option('--template <template>', 'collections and roles to begin with').choices(['municipality', 'cooperative', 'none']).default('none'),
    )
    .option('--locale <locale>', 'language of its mails and pages, as a BCP 47 tag', localeField, 'pt-ST')
    .option('--time-zone <zone>', 'IANA name', timeZoneField, 'Africa/Sao_Tome')
    .option('--owner <email>', 'invite this address as its owner', emailField)
    .option('--link', 'with --owner: no mail, but a link to hand on')
    .action(async (slug: string, flags: CreateFlags) => {
      const { createSiteCommand } = await import('./sites/create.ts')
      await createSiteCommand(tools, slug, flags)
    })
}

function addChanges(sites: Command, { withOwner }: Tools): void {
  for (const { verb, status, description, warning } of changes) {
    addCommand(sites, { name: `${verb} <slug>`, description, examples: [`site ${verb} camara-mezochi`], destructive: warning !== undefined }).action(
      async (slug: string, flags: CommonFlags) => {
        if (warning) await confirm(flags, `${slug}: ${warning}`, slug)
        const { readCanonicalHost, setSiteStatus } = await import('../platform/set-site-status.ts')
        const canonicalHost = await withOwner(async (owner) => {
          if (!(await setSiteStatus(owner, slug, status))) throw new Error(`There is no site "${slug}".`)
          return readCanonicalHost(owner, slug)
        })
        const homeless = status === 'active' && canonicalHost === null
        print(flags, { slug, status, canonicalHost }, () =>
          homeless
            ? `${slug} is active, but has no proven host and answers nobody: "tenantry host verify ${slug}" says what is missing`
            : `${slug} is ${status}`,
        )
      },
    )
  }
}
