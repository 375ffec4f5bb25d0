import t from 'tap'
import { createBrandChore } from '../../src/branding/tidy-brand.ts'
import { createTestApp } from '../app.ts'
import { brandCalls } from './brand-calls.ts'

t.test('images that no brand has used for a week go with their bytes, and bytes without a row after a day', async (t) => {
  const test = await createTestApp(t)
  const { app, data, a, b } = test
  const own = await brandCalls(test, a)
  const [drafted, published, unused, fresh] = [
    await own.image('#111111'),
    await own.image('#222222'),
    await own.image('#333333'),
    await own.image('#444444'),
  ]
  const foreign = await (await brandCalls(test, b)).image('#555555')
  await own.publish((spec) => ({ ...spec, images: { ...spec.images, logo: published } }))
  await own.save((spec) => ({ ...spec, images: { ...spec.images, logo: drafted } }))
  const stray = `tenants/${a.id}/brand/stray`
  await app.objectStorage.put(stray, Buffer.from('x'), { contentType: 'image/png' })
  await data.owner.query(`update brand_assets set created_at = now() - interval '8 days' where id <> $1`, [fresh])

  const keys = async () => (await Array.fromAsync(app.objectStorage.list('tenants/'))).map(({ key }) => key.split('/').at(-1))
  const chore = (days: number) => {
    const later = { ...app.objectStorage, list: (prefix: string) => aged(app.objectStorage.list(prefix), days) }
    return createBrandChore(later).run(data.open({ max: 1 }).forTenant(a.id), a.id)
  }
  await chore(0)
  t.ok((await keys()).includes('stray'), 'bytes that have just come may have a row in a moment')
  await chore(2)
  t.same(new Set(await keys()), new Set([drafted, published, fresh, foreign]))
  const { rows } = await data.owner.query('select id from brand_assets')
  t.same(new Set(rows.map(({ id }) => id)), new Set([drafted, published, fresh, foreign]))
  t.notOk((await keys()).includes(unused))
})

/** The same objects, so many days older. */
async function* aged<Item extends { modifiedAt: Date }>(objects: AsyncIterable<Item>, days: number): AsyncGenerator<Item> {
  for await (const object of objects) yield { ...object, modifiedAt: new Date(object.modifiedAt.getTime() - days * 86_400_000) }
}
