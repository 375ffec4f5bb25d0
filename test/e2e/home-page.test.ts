import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { requireTool } from '../tool.ts'
import { openPage } from './chromium.ts'
import { startLocalSites } from './local-site.ts'
import { pixelAt } from './pixel.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const { data, port } = await startLocalSites(t)
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-shots-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))

  const names: Record<string, string> = { 'camara-mezochi': 'Câmara Distrital de Mé-Zóchi', cecab: 'CECAB-STP' }
  for (const [slug, name] of Object.entries(names)) {
    t.test(`the home page of ${slug} shows its own name, its newest entries and its colour, and breaks no policy`, async (t) => {
      const url = `http://${slug}.localhost:${port}`
      const brand = await data.owner.query('select primary_color from brands b join tenants t on t.id = b.tenant_id where t.slug = $1', [slug])
      const shot = join(folder, `${slug}.png`)
      const page = await openPage(t, chromium, `${url}/`, [`--screenshot=${shot}`, '--window-size=1200,1400'])
      t.match(page.dom, `<h1>${name}</h1>`)
      t.equal(page.dom.split('<article').length - 1, 5, 'five entries')
      t.equal(pixelAt(await readFile(shot), 5, 5), brand.rows[0]?.primary_color, 'the header has the brand’s colour')
      t.same(page.console, [])
    })
  }

  t.test('the API’s page is drawn by its scripts, and breaks no policy', async (t) => {
    const page = await openPage(t, chromium, `http://cecab.localhost:${port}/docs/`)
    t.match(page.dom, /opblock/)
    t.match(page.dom, '/v1/collections/')
    t.same(page.console, [])
  })
}
