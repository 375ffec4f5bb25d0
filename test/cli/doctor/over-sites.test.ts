import { test } from 'tap'
import { overSites } from '../../../src/cli/doctor/over-sites.ts'

const sites = Array.from({ length: 10 }, (_, at) => at)

test('every site has its look, a few at once', async (t) => {
  const looked: number[] = []
  let [under, most] = [0, 0]
  const remarks = await overSites(sites, async (site) => {
    most = Math.max(most, ++under)
    await new Promise((next) => setImmediate(next))
    under--
    looked.push(site)
  })
  t.same([remarks, looked.sort(), most], [[], sites, 4])
})

test('once the time is up no further site is begun, and how many are left is a warning', async (t) => {
  const looked: number[] = []
  const [remark] = await overSites(sites, async (site) => void looked.push(site), 0)
  t.same(looked, [])
  t.match(remark, { outcome: 'warning', what: '10 of 10 sites were not looked at: the time was up' })
})
