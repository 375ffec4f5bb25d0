import t from 'tap'
import { createSentFiles } from '../../src/files/sent-files.ts'

t.test('what is kept stays below 16 MiB, however small the files are: those asked for last', async (t) => {
  const sent = createSentFiles()
  for (let at = 0; at < 20_000; at++) {
    sent.set(`/brand/${at}.css`, { bytes: Buffer.alloc(10), headers: [] })
    sent.get('/brand/0.css')
  }
  t.ok(sent.size > 10_000 && sent.size < 16_384, String(sent.size))
  t.same([sent.has('/brand/0.css'), sent.has('/brand/1.css'), sent.has('/brand/19999.css')], [true, false, true])
  for (let at = 0; at < 200; at++) sent.set(`/brand/${at}.png`, { bytes: Buffer.alloc(256 * 1024), headers: [] })
  t.ok(sent.size > 50 && sent.size < 64, String(sent.size))
})
