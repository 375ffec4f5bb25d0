import { join } from 'node:path'
import t from 'tap'
import { openBreachedPasswords } from '../../../src/security/passwords/breached-passwords.ts'
import { writeBreached } from './breached-folder.ts'

const accented = 'Água de São Tomé 7'.normalize('NFC')

t.test('a password is found by its SHA-1, and no other', async (t) => {
  const folder = t.testdir()
  await writeBreached(folder, ['a leaked password', accented])
  const isBreached = await openBreachedPasswords(folder)
  t.equal(await isBreached('a leaked password'), true)
  t.equal(await isBreached(accented), true)
  t.equal(await isBreached(accented.normalize('NFD')), true, 'however it is typed')
  t.equal(await isBreached('A leaked password'), false)
  t.equal(await isBreached('a prefix that has no file'), false)
})

t.test('a count of zero is padding', async (t) => {
  const folder = t.testdir()
  await writeBreached(folder, ['a leaked password'], 0)
  t.equal(await (await openBreachedPasswords(folder))('a leaked password'), false)
  await writeBreached(folder, ['a leaked password'], 10)
  t.equal(await (await openBreachedPasswords(folder))('a leaked password'), true, 'control')
})

t.test('without a folder nothing is looked up; what is no such folder is refused at once', async (t) => {
  t.equal(await (await openBreachedPasswords(''))('a leaked password'), false)
  const folder = t.testdir({ empty: {}, other: { 'pwnedpasswords.txt': '' }, file: '' })
  for (const wrong of ['nowhere', 'empty', 'other', 'file']) {
    await t.rejects(openBreachedPasswords(join(folder, wrong)), { name: 'Error', message: /^BREACHED_PASSWORDS_DIR must be a folder/ }, wrong)
  }
})
