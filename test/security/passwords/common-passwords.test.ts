import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { loadCommonPasswords } from '../../../src/security/passwords/common-passwords.ts'

const isCommon = await loadCommonPasswords()

test('the list has far more than 3,000 passwords that the rules would let through by their length (ASVS V6.2.4)', async (t) => {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const file = await readFile(new URL('../../../src/security/passwords/common-passwords.txt', import.meta.url), 'utf8')
  const own = file.split('\n').filter(Boolean)
  t.equal(own.length, 8_249)
  t.ok(own.every((password) => password.length >= 10 && password === password.normalize('NFKC').toLowerCase()))
  const all = new Set([...dictionary['passwords-common'], ...own])
  const long = [...all].filter((password) => password.length >= 10)
  t.ok(long.length > 9_500, `${long.length} of ten characters or more`)
  t.ok(long.every(isCommon), 'each of them is known')
})

test('a common password is known in any case, with little around it, with look-alikes and repeated', (t) => {
  for (const password of [
    'qwertyuiop',
    'QwertyUIOP',
    'ｑｗｅｒｔｙｕｉｏｐ',
    '1234567890',
    'Password123!',
    'P@ssw0rd2026',
    '2024sporting',
    'benfica1904!!',
    'passwordpassword',
    'abcabcabcabc',
    'aaaaaaaaaa',
    '.....................',
    '😀'.repeat(10),
  ]) {
    t.equal(isCommon(password), true, password)
  }
  t.end()
})

test('what has something of its own is not common', (t) => {
  for (const password of ['correct horse battery', 'a password of mine', 'love8305729164738291', 'mangue roxo lento', 'k7#Vq!x29Lm4']) {
    t.equal(isCommon(password), false, password)
  }
  t.end()
})

test('looking a password up takes no time to speak of, whatever it is made of', (t) => {
  const odd = ['ab'.repeat(64), `${'a'.repeat(127)}b`, '1'.repeat(128), `${'!'.repeat(64)}${'0'.repeat(64)}`, '\u{1F600}'.repeat(128)]
  const from = performance.now()
  for (let round = 0; round < 20; round++) for (const password of odd) isCommon(password)
  t.ok(performance.now() - from < 5_000, 'a hundred of them')
  t.end()
})
