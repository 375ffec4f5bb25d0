import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { createPasswordHints } from '../../../src/security/passwords/password-hints.ts'

const hints = createPasswordHints()
t.teardown(() => hints.close())

const ask = (password: string, language: 'pt' | 'en' | 'fr' = 'en', words: string[] = []) => hints.hint({ password, language, words })

t.test('a weak password scores low, a good one high, in the asked language', async (t) => {
  t.match(await ask('password'), { score: 0, warning: 'This is a heavily used password.' })
  t.match(await ask('password', 'pt'), { score: 0, warning: 'É uma das palavras-passe mais usadas de todas.' })
  t.match(await ask('password', 'fr'), { score: 0, warning: /mot de passe/ })
  const good = await ask('correct horse battery staple')
  t.same(good, { score: 4, warning: '', suggestions: [] })
  t.ok(
    (await ask('Sporting1906', 'pt')).suggestions.every((sentence) => sentence.endsWith('.')),
    'sentences, not keys',
  )
})

t.test('words that are known of the owner make it weaker', async (t) => {
  const without = await ask('zochivanga91')
  const known = await ask('zochivanga91', 'en', ['zochivanga'])
  t.ok(known.score < without.score, `${known.score} instead of ${without.score}`)
})

t.test('what is made to be slow is answered in bounded time, and the event loop goes on meanwhile', async (t) => {
  let turns = 0
  const beat = setInterval(() => turns++, 5)
  const from = performance.now()
  for (const slow of ['@4aAeE3!1iIlLoO0'.repeat(8), 'p4ssw0rd'.repeat(100), '1/1/2001'.repeat(100), '$4$3$1$0'.repeat(128)]) await ask(slow)
  const took = performance.now() - from
  clearInterval(beat)
  t.ok(took < 10_000, `${Math.round(took)} ms for four`)
  t.ok(turns > took / 50, `${turns} turns in ${Math.round(took)} ms`)
})

t.test('more questions than may wait are answered 503 OVERLOADED', async (t) => {
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => ask('a password of mine')))
  t.equal(answers.filter(({ status }) => status === 'fulfilled').length, 17, 'one at once and sixteen in the queue')
  for (const answer of answers) if (answer.status === 'rejected') t.match(answer.reason, { code: 'OVERLOADED' })
})

t.test('a thread that fails, or does not start, is 503 OVERLOADED, and the next question gets a new one', async (t) => {
  const folder = t.testdir({
    'dying.mjs': `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(1)); parentPort.postMessage('ready')`,
  })
  const dying = createPasswordHints({ script: pathToFileURL(join(folder, 'dying.mjs')) })
  t.teardown(() => dying.close())
  for (let round = 0; round < 2; round++) await t.rejects(dying.hint({ password: 'x', language: 'en', words: [] }), { code: 'OVERLOADED' })
  const absent = createPasswordHints({ script: pathToFileURL(join(folder, 'absent.mjs')) })
  await t.rejects(absent.hint({ password: 'x', language: 'en', words: [] }), { code: 'OVERLOADED' })
  await hints.close()
  t.equal((await ask('correct horse battery staple')).score, 4, 'also after it was ended')
})
