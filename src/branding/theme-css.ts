import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { readSiteProfile, type SiteProfile } from '../tenancy/site-profile.ts'

export const themeCss = defineFlow({
  schema: { operationId: 'themeCss', summary: "The brand's colours as CSS custom properties", tags: ['site'], produces: ['text/css'] },
  async handler(request, reply) {
    const { publicCache: cache, config } = request.server
    const load = async () => renderTheme(await readSiteProfile(request.db, request.tenant, config.publicOrigin))
    await answerPublicly(request, reply, { cache, key: 'theme', load, type: 'text/css; charset=utf-8' })
  },
})

/** Only colours that the database has checked (#rrggbb) reach the stylesheet. */
function renderTheme({ brand: { colors } }: SiteProfile): string {
  const { primary, accent, surface, text } = colors
  return `:root{--primary:${primary};--on-primary:${readableOn(primary)};--accent:${accent};--surface:${surface};--text:${text}}`
}

/** Black or white, whichever contrasts more (WCAG 2.2, relative luminance). */
function readableOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255))
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#ffffff' : '#000000'
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
}
