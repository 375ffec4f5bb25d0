import { assetKey } from '../../branding/files/make-brand-file.ts'
import { originalOf, variantOf } from '../../media/media.ts'
import { worthArchiving } from '../../media/sizes.ts'
import { readVariants } from '../../media/variant.ts'
import type { Naming } from '../../site-archive/named-object.ts'

/** Tables whose rows have objects, and which. What else is in a site's folder is on its way, or was left behind. */
export const nameObjects: Naming = {
  brand_assets: ({ id, content_type }) => [{ key: assetKey(id ?? ''), contentType: content_type ?? '' }],
  media: ({ id, status, kind, content_type, variants }) =>
    id === null || id === undefined || status === 'refused'
      ? []
      : [
          { key: originalOf(id), contentType: content_type ?? '', archive: worthArchiving(kind ?? ''), counted: true },
          ...readVariants(JSON.parse(variants ?? '[]')).map(({ name, type }) => ({ key: variantOf(id, name), contentType: type })),
        ],
}
