import { join } from 'node:path'
import t from 'tap'
import { createPasswordRules } from '../../../src/security/passwords/password-rules.ts'
import { writeBreached } from './breached-folder.ts'

const folder = join(t.testdir(), 'hibp')
await writeBreached(folder, ['a leaked password of old'])
const rules = await createPasswordRules({ breachedDir: folder })

t.test('each weakness has its word', async (t) => {
  const known = ['ana.lima@people.example']
  t.equal(await rules.weaknessOf('ninesigns', known), 'short')
  t.equal(await rules.weaknessOf('k7 '.repeat(43), known), 'long', '129')
  t.equal(await rules.weaknessOf('analima 2026', known), 'personal')
  t.equal(await rules.weaknessOf('Password123!', known), 'common')
  t.equal(await rules.weaknessOf('a leaked password of old', known), 'breached')
  t.equal(await rules.weaknessOf('a password of mine', known), undefined)
})

t.test('no classes: ten small letters will do, and so do spaces and any script', async (t) => {
  for (const password of ['mangueroxo', 'três gatos à chuva', 'пароль для проверки', '密碼密碼一二三四五六七', '🥭🦜🌋🍌🐢🦀🌴🐟🐚🍍']) {
    t.equal(await rules.weaknessOf(password, []), undefined, password)
  }
})

t.test('length is counted in code points of the normal form, from 10 to 128', async (t) => {
  t.equal(await rules.weaknessOf('🥭🦜🌋🍌🐢🦀🌴🐟🐚', []), 'short', 'nine, eighteen to JavaScript')
  t.equal(await rules.weaknessOf('áéíóúâêôç'.normalize('NFD'), []), 'short', 'nine, eighteen as typed')
  t.equal(await rules.weaknessOf('áéíóúâêôçã'.normalize('NFD'), []), undefined, 'ten')
  const long = [...'três gatos à chuva, '.repeat(7)].slice(0, 128).join('')
  t.equal(await rules.weaknessOf(long.normalize('NFD'), []), undefined, '128, more as typed')
  t.equal(await rules.weaknessOf(`${long}x`, []), 'long')
})
