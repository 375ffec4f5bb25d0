import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import t from 'tap'
import { createOpener, type Key, sealWithAge } from '../../src/security/age.ts'

const passphrase = 'a passphrase of the tests'
const plain = Buffer.from('what is sealed '.repeat(20_000))
const opener = (key: Key) => createOpener(key, (fault, options) => new Error(fault, options))
const sealed = async (lock: Parameters<typeof sealWithAge>[1]) => buffer(await sealWithAge(Readable.from([plain]), lock))

t.test('what a passphrase opened once is not tried again for the same file, and fits no other', async (t) => {
  const open = opener({ passphrase })
  const file = await sealed({ passphrase })
  t.same(await buffer(await open(Readable.from([file]))), plain)
  t.same(await buffer(await open(Readable.from([file]))), plain)
  await t.rejects(open(Readable.from([await sealed({ passphrase })])), { message: 'damaged' }, 'with a second try it would open')
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
