import t from 'tap'
import { refuseActiveSvg } from '../../src/files/active-svg.ts'
import { inWorker } from './in-worker.ts'

const svgOf = (body: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${body}</svg>`
const refusal = (reason: string) => ({ name: 'ImageRefusal', reason })
const check = (body: string) => refuseActiveSvg(Buffer.from(svgOf(body)))

const filters: Record<string, string> = {
  element: '<filter id="f"/>',
  'element with a prefix': '<x-y:filter xmlns:x-y="http://www.w3.org/2000/svg" id="f"/>',
  octaves: '<feTurbulence numOctaves="100000"/>',
  matrix: '<feConvolveMatrix order="100"/>',
  attribute: '<rect filter="blur(99)"/>',
  style: `<rect style="fill:red;filter: ${'blur(9) '.repeat(1_000)}"/>`,
  'character reference': '<rect style="&#102;&#x69;lter:blur(9)"/>',
  'escape of a style sheet': '<style>rect { f\\69 lter: blur(9) }</style>',
  'escaped letter': '<rect style="fi\\lter:blur(9)"/>',
  'comment of a style sheet': '<style>rect { filter/* */: blur(9) }</style>',
  'word with a comment in it': '<style>rect { fil<!-- -->ter: blur(9) }</style>',
  'word half in a section': '<style>rect { fil<![CDATA[ter: blur(9) }]]></style>',
  'word half after a section': '<style><![CDATA[rect { fil]]>ter: blur(9) }</style>',
}
for (const [name, body] of Object.entries(filters)) {
  t.test(`an SVG with a filter is refused: ${name}`, async (t) => {
    await t.rejects(check(body), refusal('active-svg'))
  })
}

t.test('an SVG with an address that escapes or quotes hide is refused', async (t) => {
  const hidden = [
    '<rect style="fill:url( &quot; http://x.example/&quot;)"/>',
    `<rect style="fill:url('&quot;http://x.example/')"/>`,
    '<style>rect { fill: u\\72l(http://x.example/) }</style>',
    '<style>\\@\\69mport "a.css";</style>',
    '<image href="\\23 a"/>',
    '<image\nhref\n=\n"\nhttp://x.example/"/>',
  ]
  for (const body of hidden) await t.rejects(check(body), refusal('active-svg'), body)
  const declared = '<!DOCTYPE svg [ <!ATTLIST rect onload CDATA "x"> ]>'
  for (const head of [declared, declared.replace('svg', 'svg PUBLIC ">"'), `<!DOCTYPE ${'x'.repeat(5_000)} [ ]>`]) {
    await t.rejects(refuseActiveSvg(Buffer.from(head + svgOf(''))), refusal('active-svg'), head.slice(0, 40))
  }
})

t.test('an SVG of plain drawing is taken, however its addresses are quoted', async (t) => {
  const fine = [
    '<rect fill="url(#a)"/>',
    `<rect style='fill:url("#a")'/>`,
    `<rect fill="url('#a')" stroke="url( #b )"/>`,
    '<rect style="fill:url(&quot;#a&quot;)"/>',
    `<use href='#a'/><use xlink:href = " #a"/><a href=""/>`,
    '<rect style="filter:none;color-interpolation-filters:linearRGB"/>',
    '<style type="text/css">.a { fill: url(#a) }</style>',
    '<style>\n<![CDATA[ .a > .b { fill: red } ]]>\n</style>',
    '<style/><rect/>',
    '<text>a filter, once, of felt \\ 1</text>',
  ]
  for (const body of fine) await t.resolves(check(body), body)
})

t.test('an SVG of more than 512 KB is refused as what it is: too large', async (t) => {
  const sized = (bytes: number) => Buffer.from(svgOf('').padEnd(bytes))
  await t.rejects(refuseActiveSvg(sized(512 * 1024 + 1)), refusal('svg-too-large'))
  await t.resolves(refuseActiveSvg(sized(512 * 1024)), 'control')
})

t.test('an SVG is read once, whatever it repeats up to the largest that is taken', async (t) => {
  const parts = [
    ' ',
    '\n',
    '&#32;',
    '&#',
    '<',
    ':',
    '<a:',
    '<!DOCTYPE',
    '<!DOCTYPE [',
    '<style',
    '<style>',
    '<style ',
    '<![CDATA[',
    '\\',
    '\\6',
    ' on',
    'filter ',
    '/*',
    'a',
  ]
  const starts = ['url(', 'href=', 'href =', '<!DOCTYPE', '<style>', '<style ', '<', ' on', 'encoding', 'filter:', '&#', 'url("']
  const repeated = ['', ...starts].flatMap((start) => (start ? [' ', '\n', '<', 'a'] : parts).map((part) => ({ start, part })))
  const texts = repeated.map(({ start, part }) => `<svg>${start}${part.repeat(500_000 / part.length)}`)
  const outcomes = await inWorker(
    'active-svg.ts',
    'refuseActiveSvg',
    texts.map((text) => [Buffer.from(text)]),
  )
  t.equal(outcomes.length, texts.length)
  t.ok(outcomes.every((outcome) => outcome === undefined || outcome === 'active-svg'))
})
