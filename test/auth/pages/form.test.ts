import { test } from 'tap'
import { renderForm } from '../../../src/auth/pages/form.ts'
import { en } from '../../../src/auth/pages/words/en.ts'

const fields = (Object.keys(en.fields) as (keyof typeof en.fields)[]).filter((name) => /password/i.test(name))
const html = renderForm(en, {
  action: '/account/made-up',
  fields,
  submit: 'Send',
  typed: Object.fromEntries(fields.map((name) => [name, 'typed before'])),
})
const inputs = [...html.matchAll(/<input [^>]*>/g)].map(([tag]) => tag)

test('a password is masked as it is typed, and never shown again', (t) => {
  t.ok(inputs.length >= 2, 'a new one and the one of now')
  t.equal(inputs.length, fields.length)
  for (const tag of inputs) t.match(tag, / type="password"/)
  t.notMatch(html, 'typed before')
  t.end()
})

test('password managers and pasting are welcome: fields say which password is meant, and nothing gets in their way', (t) => {
  for (const tag of inputs) {
    t.match(tag, / autocomplete="(new|current)-password"/)
    t.notMatch(tag, / (on\w+|readonly|maxlength|pattern|minlength)[ =>]/, 'no script, and no attribute that cuts what is pasted')
  }
  t.end()
})
