import t from 'tap'
import type { FormField } from '../../src/content/form-schema.ts'
import { formText } from '../../src/content/form-text.ts'

const field = (name: string, title: string): FormField => ({ name, title, required: true, kind: 'line', maxLength: undefined, choices: [] })
const fields = [field('b', 'Second'), field('a', 'First\nforged: yes')]

t.test('answers are told in the order of the fields, by title, and what was left out is not', async (t) => {
  t.equal(formText(fields, { a: 'x', b: 7, other: 'not asked for' }), 'Second: 7\nFirst: x')
  t.equal(formText(fields, { b: null }), '')
  t.equal(formText(fields, { a: [1, 'two'], b: { c: true } }), 'Second: {"c":true}\nFirst: 1, two')
})

t.test('no answer passes for another field, whatever it breaks lines with', async (t) => {
  for (const lineBreak of ['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029']) {
    t.equal(formText(fields, { b: `x${lineBreak}First: forged` }), 'Second:\n> x\n> First: forged', `U+${lineBreak.charCodeAt(0).toString(16)}`)
  }
})

t.test('a long text is cut at 8,000 characters, never through one', async (t) => {
  t.equal(formText(fields, { b: 'x'.repeat(7_992) }).length, 8_000)
  for (const padding of ['', 'x']) {
    const text = formText(fields, { b: padding + '🌱'.repeat(5_000) })
    t.equal(text.length, 8_000)
    t.ok(text.isWellFormed())
    t.ok(text.endsWith(' […]'))
  }
})
