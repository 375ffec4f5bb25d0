import { claimableHost } from '../../hosts/claimable-host.ts'
import { sealedFields } from '../../platform/reseal-secrets.ts'
import { type Imported, importSite, planArchive } from '../../site-archive/import-site.ts'
import type { Hub } from '../../site-archive/plan-import.ts'
import type { CommonFlags } from '../add-command.ts'
import { createProgress, print } from '../print.ts'
import type { Tools } from '../tools.ts'
import { withArchive } from './archive-file.ts'
import { keyOf, type PassphraseFlags } from './archive-keys.ts'
import { interruptible } from './interruptible.ts'

export interface ImportFlags extends CommonFlags, PassphraseFlags {
  identity?: string
  as?: string
  newId?: boolean
  host?: string[]
  hostsProven?: boolean
  discardFiles?: boolean
  dryRun?: boolean
}

export async function importFromFile(tools: Tools, file: string, { json = false, dryRun = false, host = [], ...flags }: ImportFlags): Promise<void> {
  const config = tools.config()
  const { siteArchive, media } = config
  const claimable: Hub['claimable'] = (raw, claim) => claimableHost(raw, config, claim)
  const key = await keyOf(flags, siteArchive.passphrase)
  const seals = { box: await tools.secretBox(), fields: sealedFields }
  const work = dryRun ? planArchive : importSite
  const imported = await interruptible((signal) =>
    withArchive(file, key, (source) =>
      tools.withStorage((storage) =>
        tools.withOwner((owner) =>
          work({ owner, storage, seals, quota: media.quota, claimable, signal, progress: createProgress() }, source, { ...flags, hosts: host }),
        ),
      ),
    ),
  )
  print({ json }, shape(imported, dryRun), () => told(imported, dryRun))
}

function shape({ manifest, tenantId, slug, status, hosts, leftOut, objects, objectBytes }: Imported, dryRun: boolean) {
  const rows = Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows]))
  const { archive, exportedAt, site } = manifest
  return {
    archive,
    exportedAt,
    from: { id: site.id, slug: site.slug },
    id: tenantId,
    slug,
    status,
    hosts,
    leftOut,
    rows,
    objects,
    objectBytes,
    dryRun,
  }
}

function told({ manifest, tenantId, slug, status, hosts, leftOut, objects, objectBytes }: Imported, dryRun: boolean): string {
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  const canonical = hosts.find((one) => one.canonical)?.host
  return [
    `${slug} (${status}, ${tenantId}): ${rows} rows and ${objects} objects of ${Math.ceil(objectBytes / 1024 ** 2)} MB ${dryRun ? 'would be' : 'are'} in`,
    ...hosts.map(({ host, proven }) => `  ${host}: ${host === canonical ? 'canonical' : proven ? 'proven' : 'to be proven'}`),
    ...leftOut.map((host) => `  ${host}: left out: another site has it, or none may`),
    ...(canonical ? [] : ['  It is not served before a host of its own is proven: none was given by --host.']),
    ...(tenantId === manifest.site.id
      ? []
      : [`  It signs with the keys of ${manifest.site.slug}: "tenantry keys rotate ${slug} --now" gives it its own.`]),
  ].join('\n')
}
