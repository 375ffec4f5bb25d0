import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient, Stanza } from 'age-encryption'
import t from 'tap'
import { createOpener, type Key, sealWithAge } from '../../src/security/age.ts'
import { passphraseIdentity, passphraseRecipient } from '../../src/security/age-passphrase.ts'

const passphrase = 'a passphrase of the tests'
const plain = Buffer.from('what is sealed '.repeat(20_000))
const opener = (key: Key) => createOpener(key, (fault, options) => new Error(fault, options))
const sealed = async (lock: Parameters<typeof sealWithAge>[1]) => buffer(await sealWithAge(Readable.from([plain]), lock))

t.test('a passphrase opens what others sealed by it, and others open what we did', async (t) => {
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(12)
  const theirs = await encrypter.encrypt(plain)
  const open = opener({ passphrase })
  t.same(await buffer(await open(Readable.from([theirs]))), plain)
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  t.same(Buffer.from(await decrypter.decrypt(await sealed({ passphrase }))), plain)
  await t.rejects(opener({ passphrase: 'another one of the tests' })(Readable.from([theirs])), { message: 'wrong-key' })
  const forKey = await sealed({ recipients: [await identityToRecipient(await generateX25519Identity())] })
  await t.rejects(open(Readable.from([forKey])), { message: 'wrong-key' })
})

t.test('a passphrase is tried once for a file, and never where the header is not as age writes it', async (t) => {
  const identity = passphraseIdentity(passphrase)
  const [stanza] = await passphraseRecipient(passphrase).wrapFileKey(Buffer.alloc(16, 7))
  if (!stanza) throw new Error('there is none')
  const first = await identity.unwrapFileKey([stanza])
  t.same(first, Buffer.alloc(16, 7))
  t.equal(await identity.unwrapFileKey([new Stanza([...stanza.args], stanza.body)]), first, 'the very one of before')
  const [, salt = '', work = ''] = stanza.args
  const wrong = [
    ['scrypt', salt, '21'],
    ['scrypt', salt, '0'],
    ['scrypt', `${salt}=`, work],
    ['scrypt', salt.slice(4), work],
    ['scrypt', salt, work, 'more'],
    ['scrypt'],
  ]
  for (const args of wrong) await t.rejects(async () => identity.unwrapFileKey([new Stanza(args, stanza.body)]), /The header/, args.join(' '))
  await t.rejects(async () => identity.unwrapFileKey([new Stanza([...stanza.args], Buffer.alloc(200))]), /The header holds no passphrase/)
  await t.rejects(async () => identity.unwrapFileKey([stanza, stanza]), /The header holds something beside/, 'somebody else could have added it')
  t.equal(await identity.unwrapFileKey([new Stanza(['X25519', salt], Buffer.alloc(32))]), null)
})

t.test('faults of the file are told apart, and those of its source pass as they are', async (t) => {
  const [identity, other] = [await generateX25519Identity(), await generateX25519Identity()]
  const file = await sealed({ recipients: [await identityToRecipient(identity)] })
  const open = opener({ identities: [identity] })
  const fails = (bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, message: string) =>
    t.rejects(async () => buffer(await open(Readable.from(bytes))), { message })
  const changed = (at: number) => file.map((byte, index) => (index === at ? byte ^ 1 : byte))
  await t.rejects(opener({ identities: [other] })(Readable.from([file])), { message: 'wrong-key' })
  await fails([Buffer.from('PGDMP')], 'foreign')
  await fails([], 'foreign')
  await fails([file.subarray(0, 60)], 'damaged')
  await fails([changed(file.length >> 1)], 'damaged')
  await fails([changed(file.indexOf('\n---') + 6)], 'damaged')
  await fails([file.subarray(0, -1)], 'damaged')
  await fails([Buffer.concat([Buffer.from('age-encryption.org/v1\n'), Buffer.alloc(200_000, 'a')])], 'damaged')
  const breaksOff = async function* () {
    yield file.subarray(0, 100_000)
    throw new Error('the disk is gone')
  }
  await fails(breaksOff(), 'the disk is gone')
  const bitByBit = Readable.from(Array.from({ length: 300 }, (_, at) => file.subarray(at, at + 1)).concat([file.subarray(300)]))
  t.same(await buffer(await open(bitByBit)), plain, 'a header may come in any pieces')
})
