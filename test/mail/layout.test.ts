import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'tap'
import { compileLayout, layoutFile } from './compile-layout.ts'

test('layout.html is what layout.mjml makes', async (t) => {
  const wanted = await compileLayout()
  if (process.env.UPDATE_LAYOUT === '1') await writeFile(layoutFile, wanted)
  const found = await readFile(layoutFile, 'utf8')
  t.equal(found, wanted, 'bring it up to date with: npm run mail:layout')
})

test('the layout is small, asks for nothing from outside and runs nothing', async (t) => {
  const layout = await readFile(layoutFile, 'utf8')
  t.ok(layout.length < 25_000, `${layout.length} characters`)
  t.notMatch(layout, /<script|<link\b|<iframe|<form|<object|@import|@font-face|url\(|\bon\w+=/i)
  t.strictSame(
    [...layout.matchAll(/\bsrc="([^"]*)"/g)].map(([, source]) => source),
    ['cid:logo'],
  )
  t.match(layout, /<meta name="viewport"/)
  t.match(layout, /<meta name="color-scheme" content="light dark"/)
})

test('the layout puts nothing in unescaped', async (t) => {
  const layout = await readFile(layoutFile, 'utf8')
  t.notMatch(layout, /\|\s*raw/)
  t.notMatch(layout, /=\{\{|='[^'"]*\{\{/, 'and in attributes only between double quotes')
})
