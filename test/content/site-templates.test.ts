import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { type SampleEntry, type SiteTemplate, sampleNotice } from '../../src/content/site-template.ts'
import { cooperative } from '../../src/content/site-templates/cooperative.ts'
import { cooperativeSamples } from '../../src/content/site-templates/cooperative-samples.ts'
import { municipality } from '../../src/content/site-templates/municipality.ts'
import { municipalitySamples } from '../../src/content/site-templates/municipality-samples.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const sites: { template: SiteTemplate; samples: SampleEntry[] }[] = [
  { template: municipality, samples: municipalitySamples },
  { template: cooperative, samples: cooperativeSamples },
]
const slugPattern = /^[a-z0-9][a-z0-9-]{0,126}$/
const permissions = new Set(
  `site:read site:write members:read members:write roles:read roles:write content:read content:write content:publish
  media:read media:write mail:read mail:write keys:write audit:read`.split(/\s+/),
)

for (const { template, samples } of sites) {
  t.test(`${template.slug}: slugs are unique and well formed, roles use known permissions`, async (t) => {
    for (const list of [template.collections, template.roles]) {
      t.equal(new Set(list.map(({ slug }) => slug)).size, list.length)
      for (const { slug } of list) t.match(slug, slugPattern)
    }
    for (const role of template.roles) {
      for (const permission of role.permissions) t.ok(permissions.has(permission), `${role.slug}: ${permission}`)
      t.equal(new Set(role.permissions).size, role.permissions.length)
    }
    t.strictSame(
      template.collections.filter(({ audience }) => audience === 'staff').map(({ slug }) => slug),
      ['messages'],
    )
  })

  for (const collection of template.collections) {
    const schema = plain(collection.schema)
    const entries = samples.filter((entry) => entry.collection === collection.slug)

    t.test(`${template.slug}/${collection.slug}: every object is closed, every string bounded, every field titled`, async (t) => {
      let strings = 0
      for (const { path, node } of subschemas(schema)) {
        if (node.type === 'object') t.equal(node.additionalProperties, false, path)
        if (node.type === 'string') {
          strings++
          t.type(node.maxLength, 'number', path)
        }
        if (path !== '') t.type(node.title, 'string', path)
      }
      t.ok(strings > 0, 'the walk found strings')
      t.match(schema, { properties: { sample: { type: 'boolean' } } })
      t.notOk(collection.schema.required?.includes('sample'), 'sample is optional')
    })

    t.test(`${template.slug}/${collection.slug}: samples satisfy the schema in Ajv and TypeBox`, async (t) => {
      // Ajv has no formats of its own; the patterns stand alone here, and TypeBox checks the formats.
      const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { date: true, 'idn-email': true, uri: true } })
      const validate = ajv.compile(schema)
      const compiled = Compile(collection.schema)
      for (const { slug, data } of entries) {
        t.ok(validate(data), `${slug}: ${ajv.errorsText(validate.errors)}`)
        t.ok(compiled.Check(data), slug)
        t.notOk(validate({ ...data, surprise: 1 }), `${slug}: an unknown field is refused`)
        t.notOk(compiled.Check({ ...data, title: 'a'.repeat(100_000) }), `${slug}: an endless title is refused`)
      }
      if (collection.slug === 'messages') t.equal(entries.length, 0)
      else if (collection.slug === 'posts') t.equal(entries.length, 6)
      else t.ok(entries.length >= 2 && entries.length <= 4, `${entries.length} samples`)
    })
  }

  t.test(`${template.slug}: samples are marked, unique, and published between June and 20 November 2026`, async (t) => {
    const slugs = new Set(template.collections.map(({ slug }) => slug))
    t.equal(new Set(samples.map(({ collection, slug }) => `${collection}/${slug}`)).size, samples.length)
    for (const { collection, slug, publishedAt, data } of samples) {
      t.ok(slugs.has(collection), `${slug}: ${collection} exists`)
      t.match(slug, slugPattern)
      t.match(data.title, /^Exemplo: \S/, slug)
      t.equal(data.sample, true, slug)
      t.ok(
        Object.values(data).some((value) => typeof value === 'string' && value.endsWith(sampleNotice)),
        `${slug} carries the notice`,
      )
      t.equal(new Date(publishedAt).toISOString(), publishedAt, slug)
      t.ok(publishedAt >= '2026-06-01' && publishedAt < '2026-11-20', `${slug}: ${publishedAt}`)
    }
  })

  t.test(`${template.slug}: nobody is named and no link leaves example.org`, async (t) => {
    const team = samples.filter(({ collection }) => collection === 'team')
    t.ok(team.length > 0)
    for (const { data } of team) t.equal(data.name, '(a preencher)')
    const links = JSON.stringify(samples).match(/https?:\/\/[^/"\s]+/g) ?? []
    t.strictSame([...new Set(links)], ['https://example.org'])
  })
}

t.test('a link or image with a script or scheme-relative address is refused', async (t) => {
  const schema = (slug: string) => Compile(municipality.collections.find((collection) => collection.slug === slug)?.schema ?? {})
  const video = { title: 'x', summary: 'x', url: 'https://example.org/v' }
  const videos = schema('videos')
  t.ok(videos.Check(video))
  for (const url of ['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'https:// a', '']) t.notOk(videos.Check({ ...video, url }), url)
  const post = { title: 'x', category: 'Aviso', summary: 'x', body: 'x' }
  const posts = schema('posts')
  for (const url of ['/media/a.webp', 'https://example.org/a.webp']) t.ok(posts.Check({ ...post, image: { url, alt: '' } }), url)
  for (const url of ['javascript:alert(1)', '//evil.example/a', '/\\evil.example', 'http://example.org/a'])
    t.notOk(posts.Check({ ...post, image: { url, alt: '' } }), url)
})

t.test('the two templates differ', async (t) => {
  t.not(municipality.slug, cooperative.slug)
  t.strictNotSame(plain(municipality.collections), plain(cooperative.collections))
  t.strictNotSame(municipality.roles, cooperative.roles)
})

/** What the database stores and a client receives. */
function plain(value: unknown): { [key: string]: Json } {
  return JSON.parse(JSON.stringify(value))
}

function* subschemas(node: { [key: string]: Json }, path = ''): Generator<{ path: string; node: { [key: string]: Json } }> {
  yield { path, node }
  if (isObject(node.items)) yield* subschemas(node.items, `${path}/items`)
  if (!isObject(node.properties)) return
  for (const [name, property] of Object.entries(node.properties)) {
    if (isObject(property)) yield* subschemas(property, `${path}/${name}`)
  }
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
