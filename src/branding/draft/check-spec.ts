import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { emailKey } from '../../security/email-address.ts'
import type { BrandImages } from '../../tenancy/brand/brand-plan.ts'
import { type BrandSpec, imageRoles } from '../../tenancy/brand/brand-spec.ts'

interface Issue {
  path: string
  message: string
}

/** What a schema cannot see: 400 REQUEST_INVALID with every fault. `below`: where the spec stands in the body. */
export async function checkSpec(db: Pick<TenantDb, 'brandAsset'>, spec: BrandSpec, below = '/spec'): Promise<void> {
  const issues = [...textFaults(spec), ...(await assetFaults(db, spec))]
  if (issues.length > 0) throw problem('REQUEST_INVALID', { issues: issues.map(({ path, message }) => ({ path: below + path, message })) })
}

function textFaults({ locale, timeZone, contact }: BrandSpec): Issue[] {
  const faults: Issue[] = []
  if (!works(() => new Intl.DateTimeFormat(locale))) faults.push({ path: '/locale', message: 'must be a language such as pt-ST' })
  if (!works(() => new Intl.DateTimeFormat('en', { timeZone })))
    faults.push({ path: '/timeZone', message: 'must be a time zone such as Africa/Sao_Tome' })
  if (contact.email !== null && !emailKey(contact.email)) faults.push({ path: '/contact/email', message: 'must be an e-mail address' })
  return faults
}

function works(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

async function assetFaults(db: Pick<TenantDb, 'brandAsset'>, spec: BrandSpec): Promise<Issue[]> {
  const wanted = assetsOf(spec)
  const rows = await db.brandAsset.findMany({ where: { id: { in: wanted.map(({ id }) => id) } }, select: { id: true, kind: true } })
  const kinds = new Map(rows.map(({ id, kind }) => [id, kind]))
  return wanted.flatMap(({ path, kind, id }) =>
    kinds.get(id) === kind ? [] : [{ path, message: `must be ${kind === 'font' ? 'a font' : 'an image'} of this site` }],
  )
}

function assetsOf({ images, fonts }: BrandSpec) {
  const wanted = [
    ...imageRoles.map((role) => ({ path: `/images/${role}`, kind: 'image', id: images[role] })),
    ...(['heading', 'body'] as const).map((use) => {
      const font = fonts[use]
      return { path: `/fonts/${use}/asset`, kind: 'font', id: 'asset' in font ? font.asset : null }
    }),
  ]
  return wanted.flatMap(({ id, ...rest }) => (id === null ? [] : [{ ...rest, id }]))
}

/** The images of a spec with their sizes. Those that are not there are left out: `checkSpec` tells of them. */
export async function imagesOf(db: Pick<TenantDb, 'brandAsset'>, { images }: BrandSpec): Promise<BrandImages> {
  const ids = imageRoles.flatMap((role) => images[role] ?? [])
  const rows = await db.brandAsset.findMany({ where: { id: { in: ids }, kind: 'image' }, select: { id: true, width: true, height: true } })
  const found = new Map(rows.map(({ id, width, height }) => [id, { asset: id, width: width ?? 1, height: height ?? 1 }]))
  return Object.fromEntries(
    imageRoles.flatMap((role) => {
      const image = found.get(images[role] ?? '')
      return image ? [[role, image]] : []
    }),
  )
}
