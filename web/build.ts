import { buildAssets } from './build-assets.ts'

/** `npm run build` */
await buildAssets()
