import t from 'tap'
import { applySiteTemplate } from '../../src/content/apply-site-template.ts'
import { cooperative } from '../../src/content/site-templates/cooperative.ts'
import { municipality } from '../../src/content/site-templates/municipality.ts'
import { createTestDatabase } from '../database.ts'

const data = await createTestDatabase(t)
const database = data.open()
const forms = async (tenantId: string) => {
  const { rows } = await data.owner.query('select slug, form from collections where tenant_id = $1 and form', [tenantId])
  return rows
}

t.test('a new site can be written to from the start, and by its messages alone', async (t) => {
  for (const template of [municipality, cooperative]) {
    const { id } = await data.addTenant()
    await applySiteTemplate(database.forTenant(id), id, template, [])
    t.same(await forms(id), [{ slug: 'messages', form: true }], template.slug)
  }
})

t.test('what a site has already is left alone, also where the template would make a form of it', async (t) => {
  const { id } = await data.addTenant()
  const db = database.forTenant(id)
  await applySiteTemplate(db, id, municipality, [])
  await db.collection.updateMany({ where: { slug: 'messages' }, data: { form: false } })
  await applySiteTemplate(db, id, municipality, [])
  t.same(await forms(id), [])
})
