import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { planBrand } from '../../tenancy/brand/brand-plan.ts'
import type { BrandSpec } from '../../tenancy/brand/brand-spec.ts'
import { renderThemeSheet } from '../../tenancy/brand/theme-sheet.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { languageOf } from '../../tenancy/language.ts'
import { sendPage } from '../../tenancy/page.ts'
import { brandSite } from '../brand-site.ts'
import { type AssetReader, createAssetReader, makeBrandFile } from '../files/make-brand-file.ts'
import { imagesOf } from './check-spec.ts'
import { readCurrentDraft } from './draft.ts'
import { previewWords } from './preview-words.ts'

export const previewDraft = defineFlow({
  schema: {
    operationId: 'previewBrandDraft',
    summary: 'A page as it would look with the draft',
    description: "What is the draft's own is within it, images and fonts too, so that it can be shown in a frame as well.",
    tags: ['brand'],
    produces: ['text/html'],
    querystring: Type.Object({ scheme: Type.Enum(['light', 'dark'], { type: 'string', default: 'light' }) }, { additionalProperties: false }),
    response: { 200: Type.String({ description: 'HTML' }), ...problems(400, 401, 403, 404, 503) },
  },
  async handler(request, reply) {
    const { db, server, query } = request
    const { spec } = await readCurrentDraft(db)
    const readAsset = createAssetReader(brandSite(request).storage)
    const { light, dark } = spec.colors
    const shown: BrandSpec = { ...spec, colors: { light: query.scheme === 'dark' && dark ? dark : light, dark: null } }
    const logo = planBrand({ spec, images: await imagesOf(db, spec) }).get('logo')
    const picture = logo && dataAddress('image/webp', await makeBrandFile(logo.making, readAsset, server.images))
    const name = escapeHtml(spec.name)
    const sheet = `${renderThemeSheet(shown, await fontAddresses(spec, readAsset))}:root{--plate:${light.surface}}`
    sendPage(reply, {
      site: {
        name: spec.name,
        locale: spec.locale,
        head: `<style>${sheet}</style>`,
        logo: picture ? `<img src="${picture}" alt="${name}" height="44">` : name,
        sign: '',
        legal: spec.legal,
      },
      language: languageOf(spec.locale),
      title: spec.shortName,
      content: renderSample(spec),
      sources: { 'style-src': [`'sha256-${createHash('sha256').update(sheet).digest('base64')}'`], 'img-src': ['data:'], 'font-src': ['data:'] },
    })
    return reply
  },
})

async function fontAddresses({ fonts }: BrandSpec, readAsset: AssetReader) {
  const { heading, body } = fonts
  const load = async (font: typeof heading) => ('asset' in font ? dataAddress('font/woff2', await readAsset(font.asset)) : '')
  const addresses = { heading: await load(heading), body: await load(body) }
  return (use: keyof typeof addresses) => addresses[use]
}

function dataAddress(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
}

/** A little of all that pages are made of. Nothing can be sent from it. */
function renderSample({ locale, tagline }: BrandSpec): string {
  const words = previewWords[languageOf(locale)]
  return `<p>${escapeHtml(tagline)}</p>
<div class="notice"><p>${words.notice}</p></div>
<h2>${words.heading}</h2><p>${words.text} <a href="#here" id="here">${words.link}</a></p>
<label for="sample">${words.field}</label><p class="hint">${words.hint}</p><input id="sample" autocomplete="off">
<button type="button">${words.button}</button> <button type="button" class="quiet">${words.other}</button>`
}
