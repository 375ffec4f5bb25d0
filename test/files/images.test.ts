import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { createImages } from '../../src/files/images.ts'
import { sniffedBytes, sniffFile } from '../../src/files/sniff-file.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { docxOf, entitySvg, gifOf, html, mp4Of, pdf, pngOf, scriptedSvg, zipOf } from './hostile-files.ts'

const images = createImages()
const svg = (body: string, head = '') => Buffer.from(`${head}<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${body}</svg>`)
const refusal = (reason: string) => ({ name: 'ImageRefusal', reason })
const inspect = (bytes: Buffer) => images.inspect(bytes)

t.test('an image is what its bytes say; whatever else is refused', async (t) => {
  const plain = sharp({ create: { width: 30, height: 20, channels: 3, background: '#123456' } })
  for (const format of ['png', 'jpeg', 'webp', 'avif', 'gif'] as const) {
    t.match(await inspect(await plain.clone().toFormat(format).toBuffer()), { type: `image/${format}`, width: 30, height: 20 })
  }
  t.match(await inspect(svg('<path d="M0 0h9"/>')), { type: 'image/svg+xml', width: 10, height: 10 })
  const lying = await plain.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer()
  t.match(await inspect(lying), { width: 20, height: 30 }, 'as it is shown')
  for (const bytes of [Buffer.from(html), pdf, docxOf(), mp4Of(500), Buffer.alloc(0), Buffer.from('PNG')]) {
    await t.rejects(inspect(bytes), refusal('not-an-image'))
  }
})

t.test('a few bytes that would be hundreds of megapixels are refused before they are decoded', async (t) => {
  const bomb = pngOf(16_384, 16_384)
  t.ok(bomb.length < 40_000, `${bomb.length} bytes for 256 megapixels`)
  const { rss } = process.memoryUsage()
  for (const bytes of [bomb, pngOf(50_000, 50_000, { width: 8, height: 8 }), pngOf(4_097, 4_096)]) {
    await t.rejects(inspect(bytes), refusal('too-many-pixels'))
    await t.rejects(images.render(bytes, { format: 'webp', fit: 'inside', width: 10, height: 10 }), refusal('too-many-pixels'))
  }
  t.ok(process.memoryUsage().rss - rss < 64 * 1024 * 1024)
  t.match(await inspect(pngOf(4_096, 4_096)), { width: 4_096, height: 4_096 }, 'control')
})

t.test('frames without end, and what is cut off, are refused', async (t) => {
  await t.rejects(inspect(gifOf(10_000)), refusal('too-many-frames'))
  t.match(await inspect(gifOf(1_000)), { width: 1, height: 1 }, 'control')
  const whole = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#abcdef' } })
    .png()
    .toBuffer()
  await t.rejects(images.render(whole.subarray(0, whole.length / 2), { format: 'webp', fit: 'inside', width: 10, height: 10 }), refusal('broken'))
})

const active: Record<string, Buffer> = {
  script: Buffer.from(scriptedSvg),
  'external entity': Buffer.from(entitySvg),
  'entities that grow': svg('&b;', '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'),
  handler: svg('<rect onload="alert(1)"/>'),
  'handler after a line break': svg('<rect\nONCLICK = "x"/>'),
  'foreign object': svg('<foreignObject><iframe/></foreignObject>'),
  'prefixed script': svg('<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>'),
  'link to a file': svg('<image href="file:///etc/passwd"/>'),
  'link to another host': svg('<image xlink:href="http://169.254.169.254/latest"/>'),
  'address in words': svg('<a href="&#x6a;avascript:alert(1)">x</a>'),
  'svg within': svg('<image href="data:image/svg+xml;base64,PHN2Zz4="/>'),
  'style sheet': svg('<style>@import "http://x.example/a.css";</style>'),
  'address of a style': svg('<rect style="fill:url(http://x.example/)"/>'),
  'processing instruction': svg('', '<?xml-stylesheet href="x.css"?>'),
  animation: svg('<animate attributeName="href" to="javascript:alert(1)"/>'),
  'another encoding': Buffer.concat([Buffer.from('<?xml version="1.0" encoding="utf-7"?>'), svg('')]),
}
for (const [name, bytes] of Object.entries(active)) {
  t.test(`an SVG with ${name} is refused`, async (t) => {
    await t.rejects(inspect(bytes), refusal('active-svg'))
  })
}

t.test('an SVG of plain drawing is taken: own parts, colours, pictures within', async (t) => {
  const fine = [
    '<defs><linearGradient id="g"/></defs><rect fill="url(#g)"/><use href="#g"/>',
    '<image href="data:image/png;base64,iVBORw0KGgo="/>',
    '<text>one = 1</text>',
  ]
  for (const body of fine) t.match(await inspect(svg(body)), { type: 'image/svg+xml' }, body)
  t.match(await inspect(svg('', '<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n')), {
    width: 10,
  })
})

t.test('a file is read like its bytes, and only of a file the first bytes have to be given', async (t) => {
  const path = join(await temporaryFolder(t), 'image')
  const bytes = pngOf(64, 32)
  await writeFile(path, bytes)
  t.match(await images.inspect(path), { width: 64, height: 32 })
})

t.test('a sniffer is not deceived by names, nor does it unpack what is large', async (t) => {
  const bomb = zipOf([{ name: '[Content_Types].xml', data: Buffer.alloc(300 * 1024 * 1024) }])
  t.ok(bomb.length < 400_000)
  const { rss } = process.memoryUsage()
  t.not((await sniffFile(bomb.subarray(0, sniffedBytes)))?.extension, 'docx')
  t.ok(process.memoryUsage().rss - rss < 64 * 1024 * 1024)
  t.match(await sniffFile(docxOf().subarray(0, sniffedBytes)), { extension: 'docx' }, 'control')
  t.equal(await sniffFile(Buffer.from(html)), undefined)
})

t.test('one cut keeps the focus in the picture, and never leaves it', async (t) => {
  const left = { input: { create: { width: 100, height: 100, channels: 3 as const, background: '#ff0000' } }, left: 0, top: 0 }
  const picture = await sharp({ create: { width: 300, height: 100, channels: 3, background: '#0000ff' } })
    .composite([left])
    .png()
    .toBuffer()
  for (const [x, colour] of [
    [0, 'red'],
    [0.1, 'red'],
    [0.5, 'blue'],
    [1, 'blue'],
  ] as const) {
    const { bytes, width, height } = await images.render(picture, { format: 'png', fit: 'cover', width: 50, height: 50, focus: { x, y: 0.5 } })
    const { dominant } = await sharp(bytes).stats()
    t.same([width, height, dominant.r > dominant.b ? 'red' : 'blue'], [50, 50, colour], String(x))
  }
})

t.test('a drawing that keeps the renderer busy is given up, and the next one is drawn: too-slow', async (t) => {
  const hasty = createImages({ concurrency: 1, drawingTime: 8_000 })
  // Each level uses the one below ten times.
  const levels = Array.from({ length: 9 }, (_, at) => `<g id="l${at + 1}">${`<use href="#l${at}"/>`.repeat(10)}</g>`)
  const bomb = svg(`<defs><path id="l0" d="M0 0h9v9z"/>${levels.join('')}</defs><use href="#l5"/><use href="#l5"/><use href="#l5"/><use href="#l5"/>`)
  const many = svg(Array.from({ length: 9_000 }, () => '<g opacity=".5"><path d="M0 0h10v10z"/></g>').join(''))
  await t.rejects(hasty.inspect(many), refusal('too-slow'))
  await hasty.inspect(bomb).catch((error) => t.equal(error.name, 'ImageRefusal'))
  t.match(await hasty.inspect(svg('<path d="M0 0h9"/>')), { type: 'image/svg+xml', width: 10, height: 10 })
})
