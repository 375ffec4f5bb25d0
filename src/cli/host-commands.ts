import type { Command } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import { confirm } from './confirm.ts'
import type { AddFlags } from './hosts/add-host.ts'
import { print } from './print.ts'
import type { Tools } from './tools.ts'

export function addHostCommands(program: Command, tools: Tools): void {
  const hosts = program.command('host').description('hostnames of sites, and the proof whose they are')
  addCommand(hosts, {
    name: 'add <slug> <host>',
    description: 'claim a host for a site, and show the records that prove it',
    examples: ['host add camara-mezochi www.camara-mezochi.example', 'host add camara-mezochi camara-mezochi.example --proven --canonical'],
  })
    .option('--proven', 'it is the site’s by your own word: serve it at once, without a proof')
    .option('--canonical', 'with --proven: name the site by it in links, tokens and passkeys')
    .action(async (slug: string, host: string, flags: AddFlags) => {
      const { addHostTo } = await import('./hosts/add-host.ts')
      await addHostTo(tools, slug, host, flags)
    })
  addCommand(hosts, {
    name: 'verify <host>',
    description: 'look at the DNS of a host, or of all hosts of a site, and serve what is proven; ends with 1 where something is left to do',
    examples: ['host verify www.camara-mezochi.example', 'host verify camara-mezochi'],
  }).action(async (name: string, flags: CommonFlags) => {
    const { verifyHosts } = await import('./hosts/verify-hosts.ts')
    await verifyHosts(tools, name, flags)
  })
  addCommand(hosts, {
    name: 'list [slug]',
    description: 'the hosts of a site, or of all, with their states',
    examples: ['host list', 'host list camara-mezochi'],
  }).action(async (slug: string | undefined, flags: CommonFlags) => {
    const { listHosts } = await import('./hosts/list-hosts.ts')
    await listHosts(tools, slug, flags)
  })
  addChanges(hosts, tools)
}

function addChanges(hosts: Command, { withOwner }: Tools): void {
  addCommand(hosts, {
    name: 'canonical <slug> <host>',
    description: 'name the site by this host in links, tokens and passkeys',
    examples: ['host canonical camara-mezochi camara-mezochi.example'],
    destructive: true,
  }).action(async (slug: string, host: string, flags: CommonFlags) => {
    await confirm(
      flags,
      `${slug}: passkeys belong to the canonical host. Members sign in another way and add new ones, and access tokens are void.`,
      slug,
    )
    const { setCanonical } = await import('../hosts/set-canonical.ts')
    const changed = await withOwner((owner) => setCanonical(owner, slug, host))
    print(flags, { site: slug, host, changed }, () => `${host} ${changed ? 'is now' : 'was already'} the canonical host of ${slug}`)
  })
  addCommand(hosts, {
    name: 'remove <slug> <host>',
    description: 'take a host, or a claim, from a site; a canonical one only after another has become it',
    examples: ['host remove camara-mezochi old.camara-mezochi.example'],
    destructive: true,
  }).action(async (slug: string, host: string, flags: CommonFlags) => {
    await confirm(flags, `${host}: its visitors will get 404.`, host)
    const { removeHost } = await import('../hosts/remove-host.ts')
    await withOwner((owner) => removeHost(owner, slug, host))
    print(flags, { site: slug, host }, () => `${host} is no host of ${slug} any more`)
  })
}
