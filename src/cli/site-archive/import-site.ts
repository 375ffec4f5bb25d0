import { sealedFields } from '../../platform/reseal-secrets.ts'
import { type Imported, importSite, planArchive } from '../../site-archive/import-site.ts'
import type { CommonFlags } from '../add-command.ts'
import { confirm } from '../confirm.ts'
import { interruptible } from '../interruptible.ts'
import { createProgress, print } from '../print.ts'
import type { Tools } from '../tools.ts'
import { withArchive } from './archive-file.ts'
import { keyOf, type PassphraseFlags } from './archive-keys.ts'
import { hostPolicyOf } from './host-policy.ts'
import { nameObjects } from './name-objects.ts'

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
  const hostPolicy = hostPolicyOf(config)
  // Asked before the archive is read: the site's folder may be that of a hub beside this one.
  if (flags.discardFiles && !dryRun) await confirm(flags, 'What the storage already has below the folder of the site will be removed.', 'discard')
  const key = await keyOf(flags, siteArchive.passphrase)
  const seals = { box: await tools.secretBox(), fields: sealedFields }
  const work = dryRun ? planArchive : importSite
  const imported = await interruptible((signal) =>
    withArchive({ path: file, key, signal }, (source) =>
      tools.withStorage((storage) =>
        tools.withOwner((owner) =>
          work({ owner, storage, seals, quota: media.quota, hostPolicy, naming: nameObjects, signal, progress: createProgress() }, source, {
            ...flags,
            hosts: host,
          }),
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
    ...leftOut.map(({ why }) => `  left out: ${why}`),
    ...(canonical ? [] : ['  It is not served before a host of its own is proven: none was given by --host.']),
    ...(tenantId === manifest.site.id
      ? []
      : [`  It signs with the keys of ${manifest.site.slug}: "tenantry keys rotate ${slug} --now" gives it its own.`]),
  ].join('\n')
}
