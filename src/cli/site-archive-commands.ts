import type { Command } from 'commander'
import { addCommand } from './add-command.ts'
import type { ExportFlags } from './site-archive/export-site.ts'
import type { ImportFlags } from './site-archive/import-site.ts'
import type { Tools } from './tools.ts'

export function addSiteArchiveCommands(sites: Command, tools: Tools): void {
  addCommand(sites, {
    name: 'export <slug>',
    description: 'write a site with its files and secrets into one encrypted file, for this hub or another',
    examples: ['site export cecab --to cecab.age --recipient age1…', 'site export cecab --to - --passphrase-file key.txt'],
  })
    .requiredOption('--to <file>', 'where to; - is the standard output')
    .option('--recipient <key>', 'a public key of age-keygen that can open it; may be given several times', collect)
    .option('--passphrase-file <file>', 'or a passphrase, its first line; or set TENANTRY_PASSPHRASE')
    .option('--without-unreadable', 'also where there are secrets that no SECRET_KEYS open: they stay unreadable')
    .option('--without-missing', 'also where the storage lacks files that the site has')
    .action(async (slug: string, flags: ExportFlags) => {
      const { exportToFile } = await import('./site-archive/export-site.ts')
      await exportToFile(tools, slug, flags)
    })
  addCommand(sites, {
    name: 'import <file>',
    description: 'bring in a site that was exported; everything is checked before anything is written',
    examples: ['site import cecab.age --identity key.txt --host cecab.example', 'site import cecab.age --as cecab-copy --new-id --host copy.example'],
    destructive: 'with --discard-files',
  })
    .option('--identity <file>', 'private key of age-keygen')
    .option('--passphrase-file <file>', 'or the passphrase that it was exported with; or set TENANTRY_PASSPHRASE')
    .option('--as <slug>', 'under another slug')
    .option('--new-id', 'under a new id: a copy beside the site itself')
    .option('--host <host>', 'a host that is proven to be its own, the first is canonical; may be given several times', collect)
    .option('--hosts-proven', 'take the hosts of the archive as proven, as they were there')
    .option('--discard-files', 'remove what an import that was killed left in the storage')
    .option('--dry-run', 'check everything and say what would be done')
    .action(async (file: string, flags: ImportFlags) => {
      const { importFromFile } = await import('./site-archive/import-site.ts')
      await importFromFile(tools, file, flags)
    })
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
