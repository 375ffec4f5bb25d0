import fc from 'fast-check'
import { test } from 'tap'
import { Compile } from 'typebox/compile'
import { addressIn, type Brand, fitInto, planBrand } from '../../../src/tenancy/brand/brand-plan.ts'
import { BrandSpec } from '../../../src/tenancy/brand/brand-spec.ts'

const asset = (digit: string) => `0190000${digit}-0000-7000-8000-000000000000`
const light = { primary: '#14532d', accent: '#9a6503', surface: '#ffffff', text: '#111111' }
const brand: Brand = {
  spec: {
    name: 'A site',
    shortName: 'Site',
    tagline: '',
    locale: 'pt',
    timeZone: 'UTC',
    colors: { light, dark: null },
    fonts: { heading: { stack: 'serif' }, body: { asset: asset('1') } },
    images: { logo: asset('2'), mark: asset('3'), favicon: null, social: null },
    legal: { privacy: null, terms: null, imprint: null },
    contact: { email: null, phone: null, address: null },
  },
  images: { logo: { asset: asset('2'), width: 100, height: 50 }, mark: { asset: asset('3'), width: 50, height: 50 } },
}

test('names follow from the brand alone, and change with what they name', (t) => {
  const names = (one: Brand) => [...planBrand(one)].map(([role, { name }]) => [role, name] as const)
  t.same(names(brand), names(structuredClone(brand)), 'on every copy of the service alike')
  const changed = (change: Partial<Brand['spec']>, images = brand.images) => {
    const before = new Map(names(brand))
    return names({ spec: { ...brand.spec, ...change }, images }).flatMap(([role, name]) => (before.get(role) === name ? [] : [role]))
  }
  t.same(changed({ tagline: 'Another' }), [])
  t.same(changed({ name: 'Another' }), ['manifest'])
  t.same(changed({ colors: { light: { ...light, text: '#000000' }, dark: null } }), ['theme'])
  t.same(changed({ colors: { light, dark: light } }), ['theme'])
  t.same(changed({ fonts: { heading: { stack: 'serif' }, body: { asset: asset('9') } } }), ['font-body', 'theme'], 'a sheet names its font')
  t.same(changed({}, { ...brand.images, logo: { asset: asset('9'), width: 100, height: 50 } }), ['logo', 'logo-png'])
  t.same(changed({}, { ...brand.images, mark: { asset: asset('9'), width: 50, height: 50 } }), [
    'favicon',
    'icon-192',
    'icon-512',
    'maskable-512',
    'touch-icon',
    'manifest',
  ])
  t.end()
})

test('a brand without images has a sheet and a manifest, and no address of what it has not', (t) => {
  const plan = planBrand({ spec: { ...brand.spec, fonts: { heading: { stack: 'serif' }, body: { stack: 'serif' } } }, images: {} })
  t.same([...plan.keys()], ['theme', 'manifest'])
  t.equal(addressIn(plan, 'logo'), undefined)
  t.match(addressIn(plan, 'theme'), /^\/brand\/theme\.[\w-]{16}\.css$/)
  t.end()
})

test('no spec that is taken gets anything into a sheet that ends a rule or a string', (t) => {
  const validator = Compile(BrandSpec)
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const wild = fc.record({ name: text, shortName: text, tagline: text, primary: fc.oneof(text, fc.constant('#123456')) })
  fc.assert(
    fc.property(wild, ({ name, shortName, tagline, primary }) => {
      const spec = { ...brand.spec, name, shortName, tagline, colors: { light: { ...light, primary }, dark: null } }
      if (!validator.Check(spec)) return true
      const making = planBrand({ ...brand, spec }).get('theme')?.making
      const sheet = making?.is === 'text' ? making.text : ''
      return /^(@font-face\{[^{}]*\})*:root\{[^{}<]*\}$/.test(sheet) && !/[<\\]|\*\//.test(sheet)
    }),
  )
  t.end()
})

test('an image fits its box with its own proportions, and is never enlarged', (t) => {
  t.same(fitInto({ width: 1200, height: 300 }, { width: 640, height: 200 }), { width: 640, height: 160 })
  t.same(fitInto({ width: 10, height: 20 }, { width: 640, height: 200 }), { width: 10, height: 20 })
  t.same(fitInto({ width: 10_000, height: 1 }, { width: 100, height: 100 }), { width: 100, height: 1 })
  t.end()
})
