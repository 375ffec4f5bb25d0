import type { Scope } from '../tenancy/define-flow.ts'
import { addFont, addImage } from './assets/add-asset.ts'
import { listAssets } from './assets/list-assets.ts'
import { removeAsset } from './assets/remove-asset.ts'
import { brandFile } from './brand-file.ts'
import { discardDraft } from './draft/discard-draft.ts'
import { previewDraft } from './draft/preview-draft.ts'
import { readDraft } from './draft/read-draft.ts'
import { saveDraft } from './draft/save-draft.ts'
import { listPublications } from './publications/list-publications.ts'
import { publish } from './publications/publish.ts'
import { returnToPublication } from './publications/return-to-publication.ts'
import { readSite } from './read-site.ts'
import { stableAddress } from './stable-address.ts'
import { themeCss } from './theme-css.ts'

/** For everybody. */
export async function publicBrandingRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/site', readSite)
  scope.get('/theme.css', themeCss)
  scope.get('/brand/:file', brandFile)
  scope.get('/brand/logo', stableAddress('logo'))
  scope.get('/brand/logo.png', stableAddress('logo-png'))
  scope.get('/brand/icon.png', stableAddress('icon-512'))
  scope.get('/brand/social.jpg', stableAddress('social'))
  scope.get('/favicon.ico', stableAddress('favicon'))
  scope.get('/apple-touch-icon.png', stableAddress('touch-icon'))
  scope.get('/site.webmanifest', stableAddress('manifest'))
}

/** For a site's staff; src/tenancy/access.ts says who of them. */
export async function staffBrandingRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/brand/draft', readDraft)
  scope.put('/v1/brand/draft', saveDraft)
  scope.delete('/v1/brand/draft', discardDraft)
  scope.get('/v1/brand/draft/preview', previewDraft)
  scope.get('/v1/brand/publications', listPublications)
  scope.post('/v1/brand/publications', publish)
  scope.post('/v1/brand/publications/:number/return', returnToPublication)
  scope.get('/v1/brand/assets', listAssets)
  scope.post('/v1/brand/images', { ...addImage, config: { longBody: true } })
  scope.post('/v1/brand/fonts', { ...addFont, config: { longBody: true } })
  scope.delete('/v1/brand/assets/:asset', removeAsset)
}
