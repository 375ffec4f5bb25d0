import fc from 'fast-check'
import t from 'tap'
import { sniffFile } from '../../src/files/sniff-file.ts'
import { inWorker } from './in-worker.ts'

const svg = { contentType: 'image/svg+xml', extension: 'svg' }
const sniff = (text: string) => sniffFile(Buffer.from(text))

const closed = [
  '<!-- a <svg> -->',
  '<!---->',
  '<?xml version="1.0"?>',
  '<?a <svg>?>',
  '<!DOCTYPE svg>',
  '<!doctype svg PUBLIC "a" "b">',
  '<!DOCTYPE svg [ <!ENTITY a "b"> ] >',
  ' ',
  '\r\n\t',
  '',
]
const open = ['<!--', '<!-->', '<?', '<!DOCTYPE', '<!DOCTYPE svg [', '<!DOCTYPE svg [ ]', '<!', '<', ']>', 'x']
const prologs = fc.array(fc.constantFrom(...closed), { maxLength: 12 }).map((parts) => parts.join(''))

t.test('an SVG is known by its root, after whatever XML lets stand before it', async (t) => {
  for (const root of ['<svg>', '<svg ', '<SVG\n', '<svg/', '<s:svg xmlns:s="a">']) t.same(await sniff(root), svg, root)
  t.same(await sniff(`\uFEFF${closed.join('\uFEFF\n')}<svg>`), svg, 'with the mark of its encoding')
  await fc.assert(fc.asyncProperty(prologs, async (prolog) => (await sniff(`${prolog}<svg>`))?.extension === 'svg'))
  await fc.assert(fc.asyncProperty(prologs, async (prolog) => (await sniff(`${prolog}<html><svg>`))?.extension !== 'svg'))
  for (const other of ['<svgs>', '<svg', 'x<svg>', '<!-- <svg>', '<!DOCTYPE svg <svg']) t.equal(await sniff(other), undefined, other)
})

t.test('what begins before the root and does not end within the head is no SVG', async (t) => {
  for (const never of ['<!-- ', '<? ', '<!DOCTYPE ', '<!DOCTYPE [', '<!DOCTYPE [ ] ']) {
    await fc.assert(fc.asyncProperty(prologs, async (prolog) => (await sniff(`${prolog}${never}`.padEnd(4_100, 'x')))?.extension !== 'svg'))
    t.same(await sniff(`${closed.join('')}<svg>${never}`), svg, 'control')
  }
})

t.test('any mix of openings, closed or not, is read once: a million characters of it too', async (t) => {
  const mixes = fc.array(fc.constantFrom(...closed, ...open), { minLength: 1, maxLength: 8 }).map((parts) => `<!---->${parts.join('')}`)
  const samples = [...closed, ...open, '<!----><?a?><!DOCTYPE>', ...fc.sample(mixes, 60)]
  const calls = samples.map((part) => [Buffer.from(`<!---->${part.repeat(Math.ceil(1_000_000 / (part.length + 1)))}x`)])
  const outcomes = await inWorker('sniff-file.ts', 'sniffFile', calls)
  t.equal(outcomes.length, samples.length)
  t.notOk(
    outcomes.some((outcome) => typeof outcome === 'string'),
    'none has thrown',
  )
})
