import type { TenantDb } from '../db/client.ts'
import { addressIn, type Brand, type BrandPlan, fitInto, planBrand } from './brand/brand-plan.ts'
import { brandFields, brandOf } from './brand/published-brand.ts'
import { escapeHtml } from './escape-html.ts'
import type { Legal } from './legal-links.ts'

/** What a page needs to look like its site's. */
export interface PageSite {
  name: string
  locale: string
  /** HTML for `head`: the brand's sheet and icons. */
  head: string
  /** HTML of the logo, and of the name where the logo does not say it. */
  logo: string
  /** HTML of the image alone, said by the name beside it; empty where there is none. */
  sign: string
  legal: Legal
}

/** What a logo may take of a page, in CSS pixels. */
const logoBox = { width: 240, height: 44 }

export async function readPageSite(db: TenantDb): Promise<PageSite | undefined> {
  const site = await db.site.findFirst({ select: brandFields })
  if (!site) return undefined
  const { name, locale } = site
  const brand = brandOf(site)
  if (!brand) return { name, locale, head: '', logo: escapeHtml(name), sign: '', legal: {} }
  const plan = planBrand(brand)
  const { legal } = brand.spec
  return { name, locale, head: renderHead(plan), logo: renderLogo(name, brand, plan), sign: renderImage('', brand, plan), legal }
}

/** Links to the brand's sheet, icons and manifest, by names that change with them. */
function renderHead(plan: BrandPlan): string {
  const links = [
    ['stylesheet', 'theme', ''],
    ['icon', 'favicon', ' sizes="32x32"'],
    ['icon', 'icon-192', ' sizes="192x192" type="image/png"'],
    ['apple-touch-icon', 'touch-icon', ''],
    ['manifest', 'manifest', ''],
  ] as const
  return links
    .map(([relation, role, more]) => {
      const address = addressIn(plan, role)
      return address ? `<link rel="${relation}" href="${address}"${more}>` : ''
    })
    .join('')
}

/** One that is about square is a sign, and says no name. */
function renderLogo(name: string, brand: Brand, plan: BrandPlan): string {
  const { logo } = brand.images
  const says = logo && logo.width >= 2 * logo.height
  return says ? renderImage(name, brand, plan) : renderImage('', brand, plan) + escapeHtml(name)
}

function renderImage(alt: string, { images: { logo } }: Brand, plan: BrandPlan): string {
  if (!logo) return ''
  const { width, height } = fitInto(logo, logoBox)
  return `<img src="${addressIn(plan, 'logo')}" alt="${escapeHtml(alt)}" width="${width}" height="${height}">`
}
