import fc from 'fast-check'
import { test } from 'tap'
import { contrast, readableOn, readableShade } from '../../src/tenancy/contrast.ts'

const colour = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`)

test('contrast is counted as WCAG does', (t) => {
  t.equal(contrast('#000000', '#ffffff'), 21)
  t.equal(contrast('#ffffff', '#ffffff'), 1)
  t.equal(contrast('#767676', '#ffffff').toFixed(2), '4.54', 'the lightest grey for text on white')
  t.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
  t.end()
})

test('black or white can be read on every colour', (t) => {
  t.equal(readableOn('#14532d'), '#ffffff')
  t.equal(readableOn('#ca8a04'), '#000000')
  fc.assert(fc.property(colour, (one) => contrast(readableOn(one), one) >= 4.5))
  t.end()
})

test('a shade can be read, and is the colour itself where that can be', (t) => {
  t.equal(readableShade('#14532d', '#ffffff'), '#14532d')
  t.equal(readableShade('#ca8a04', '#ffffff'), '#9e6c03', 'not darker than it has to be')
  t.not(readableShade('#ffff00', '#ffffff'), '#000000')
  fc.assert(fc.property(colour, (one) => contrast(readableShade(one, '#f1f2f4'), '#f1f2f4') >= 4.5))
  fc.assert(fc.property(colour, (one) => contrast(one, '#ffffff') < 4.5 || readableShade(one, '#ffffff') === one))
  t.end()
})
