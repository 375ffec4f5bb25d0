import type { Config } from '../../config.ts'
import type { Database, TenantDb } from '../../db/client.ts'
import { shapeAccount } from '../../mail/account/account.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { table } from '../table.ts'
import { findAnySites } from './find-sites.ts'

export async function showSite(database: Database, config: Config, slug: string, flags: CommonFlags): Promise<void> {
  const shown = await readSite(database, config, slug)
  print(flags, shown, () => write(shown))
}

type Shown = Awaited<ReturnType<typeof readSite>>

async function readSite(database: Database, { media: { quota } }: Config, slug: string) {
  const [tenant] = await findAnySites(database, slug)
  const id = tenant?.id ?? ''
  const db = database.forTenant(id)
  const hosts = await database.directory.host.findMany({
    where: { tenantId: id },
    select: { host: true, status: true, canonical: true, createdAt: true },
    orderBy: [{ canonical: 'desc' }, { host: 'asc' }],
  })
  const site = await db.site.findFirst({
    select: { name: true, locale: true, timeZone: true, contactEmail: true, brand: { select: { shortName: true, publicationId: true } } },
  })
  const usage = await db.mediaUsage.findFirst({ select: { bytes: true, files: true } })
  return {
    id,
    slug,
    kind: tenant?.kind,
    status: tenant?.status,
    createdAt: tenant?.createdAt.toISOString(),
    hosts: hosts.map(({ createdAt, ...host }) => ({ ...host, createdAt: createdAt.toISOString() })),
    name: site?.name ?? null,
    locale: site?.locale ?? null,
    timeZone: site?.timeZone ?? null,
    contactEmail: site?.contactEmail ?? null,
    brand: { shortName: site?.brand?.shortName ?? null, publication: site?.brand?.publicationId ?? 0 },
    ...(await readPeople(db)),
    content: { collections: await db.collection.count(), entries: await db.entry.count() },
    media: { bytes: Number(usage?.bytes ?? 0), files: usage?.files ?? 0, quota },
    mail: await readMail(db),
    signingKeys: await db.signingKey.count({ where: { retiredAt: null } }),
  }
}

async function readPeople(db: TenantDb) {
  const owners = await db.member.count({ where: { status: 'active', roles: { some: { role: { slug: 'owner' } } } } })
  // What an operator does in a member's place is no sign-in of the site's.
  const last = await db.session.findFirst({ where: { operator: null }, select: { createdAt: true }, orderBy: { createdAt: 'desc' } })
  const openInvitations = await db.invitation.count({ where: { acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } } })
  return { members: await db.member.count(), owners, openInvitations, lastSignIn: last?.createdAt.toISOString() ?? null }
}

async function readMail(db: TenantDb) {
  const { provider, host, port, sender, fallback, state } = shapeAccount(await db.mailAccount.findFirst())
  const counted = await db.mailMessage.groupBy({ by: ['status'], _count: true, where: { status: { in: ['queued', 'dead'] } } })
  const count = (status: string) => counted.find((row) => row.status === status)?._count ?? 0
  return { provider, host, port, sender: sender.address, fallback, ...state, queued: count('queued'), dead: count('dead') }
}

function write(site: Shown): string {
  const { brand, media, mail, content } = site
  const rows: [string, string][] = [
    ['site', `${site.slug}${site.name ? `, ${site.name}` : ''}`],
    ['state', `${site.status ?? ''}, made ${site.createdAt?.slice(0, 10) ?? ''}`],
    ['id', site.id],
    ...site.hosts.map(({ host, status, canonical }): [string, string] => ['host', `${host}, ${status}${canonical ? ', canonical' : ''}`]),
    ['language, time zone', `${site.locale ?? '-'}, ${site.timeZone ?? '-'}`],
    ['brand', brand.publication === 0 ? 'as the site was made, never published' : `publication ${brand.publication}`],
    ['members', `${site.members}, of whom ${site.owners} own it; ${site.openInvitations} invited`],
    ['last sign-in', site.lastSignIn ?? 'none'],
    ['content', `${content.entries} entries in ${content.collections} collections`],
    ['media', `${megabytes(media.bytes)} of ${megabytes(media.quota)}, ${media.files} files`],
    ['mail account', mailWords(mail)],
    ['mails', `${mail.queued} waiting, ${mail.dead} that could not be delivered`],
    ['signing keys', String(site.signingKeys)],
  ]
  return table(rows, { left: [0, 1] })
}

function mailWords({ provider, host, port, sender, fallback, pausedUntil, lastFailure }: Shown['mail']): string {
  if (provider === 'none') return fallback ? "none: the platform's sends" : 'none'
  const server = provider === 'smtp' ? `${host}:${port}` : provider
  return `${sender} by ${server}${pausedUntil ? `; paused until ${pausedUntil}: ${lastFailure ?? ''}` : ''}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`
}
