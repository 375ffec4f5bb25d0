import fc from 'fast-check'
import { test } from 'tap'
import { filters, findUnknownVariables, renderLiquid, TextFault, tags } from '../../src/mail/templates/liquid.ts'

const values = { name: 'Maria', empty: '' }

function outcome(source: string): string {
  try {
    return `renders: ${renderLiquid(source, values)}`
  } catch (error) {
    if (!(error instanceof TextFault)) throw error
    return error.message
  }
}

const works: Record<string, string> = {
  'Hello {{ name }}': 'Hello Maria',
  '{{ name | upcase }} {{ "B" | downcase }} {{ "c" | capitalize }}': 'MARIA b C',
  '{{ name | truncate: 4 }}': 'M...',
  '{{ empty | default: "nobody" }}': 'nobody',
  '{% if empty %}a{% else %}b{% endif %}{% unless empty %}c{% endunless %}': 'bc',
  '{% if name == "Ana" %}a{% elsif name contains "ari" %}b{% endif %}': 'b',
  '{% case name %}{% when "Maria" %}m{% else %}x{% endcase %}': 'm',
}

test('texts may have variables, conditions and a few filters', (t) => {
  for (const [source, wanted] of Object.entries(works)) t.equal(renderLiquid(source, values), wanted, source)
  for (const name of [...tags, ...filters])
    t.ok(
      Object.keys(works).some((source) => source.includes(name)),
      `${name} has been tried`,
    )
  t.end()
})

const refused: Record<string, RegExp> = {
  '{% for i in (1..100000000) %}a{% endfor %}': /^Line 1: There is no tag "for" here, only if, unless, case\.$/,
  '{% tablerow i in (1..100000000) %}a{% endtablerow %}': /no tag "tablerow"/,
  '{% for i in (1..9999) %}{% for j in (1..9999) %}a{% endfor %}{% endfor %}': /no tag "for"/,
  '{% assign a = name %}': /no tag "assign"/,
  '{% capture a %}{% endcapture %}': /no tag "capture"/,
  '{% include "../config.ts" %}': /no tag "include"/,
  '{% render "/etc/passwd" %}': /no tag "render"/,
  '{% layout "x" %}': /no tag "layout"/,
  '{% liquid echo name %}': /no tag "liquid"/,
  '{% raw %}{{ name }}{% endraw %}': /no tag "raw"/,
  '{{ name | append: name | append: name }}': /^Line 1: There is no filter "append" here, only upcase/,
  '{{ "<b>" | raw }}': /no filter "raw"/,
  '{{ name | date: "%999999999Y" }}': /no filter "date"/,
  '{{ name | map: "constructor" }}': /no filter "map"/,
  '{{ (1..100000000) }}': /too much/,
  '{% if name == (1..100000000) %}{% endif %}': /too much/,
  '{% case name %}{% when (1..100000000) %}{% endcase %}': /too much/,
  '{{ site.constructor }}': /^Line 1: There is no variable "site" here\.$/,
  '{{ name.constructor }}': /no variable "name\.constructor"/,
  '{{ name.constructor.constructor }}': /no variable "name\.constructor"/,
  '{{ name["__proto__"] }}': /no variable/,
  '{{ constructor }}': /no variable "constructor"/,
  '{{ __proto__ }}': /no variable "__proto__"/,
  '{{ toString }}': /no variable "toString"/,
  '{{ name | default: process }}': /no variable "process"/,
  'one\ntwo {{ nmae }}': /^Line 2: There is no variable "nmae" here\.$/,
  'one\n\n{{ name': /^Line 3: Something that is opened here is never closed\.$/,
  '{% if name %}': /never closed/,
  '{{ }}': /^Line 1: This is no valid Liquid\.$/,
  '{% %}': /no valid Liquid/,
  [`{{ ${'('.repeat(5_000)} }}`]: /too much/,
  [`{{ "${'a'.repeat(9_000)}" | truncate: 8999 }}`.repeat(3)]: /longer than 12000/,
  [`${'{{ long }}'.repeat(30)}`]: /no variable "long"/,
}

test('whatever else is tried is refused in words of ours, at once', (t) => {
  for (const [source, wanted] of Object.entries(refused)) {
    const started = performance.now()
    t.match(outcome(source), wanted, source.slice(0, 80))
    t.ok(performance.now() - started < 1_000, 'without delay')
  }
  t.end()
})

test('no text becomes longer than 20,000 characters, however often it repeats a value', (t) => {
  const source = '{{ long }}'.repeat(200)
  t.throws(() => renderLiquid(source, { long: 'x'.repeat(200) }), { message: 'It becomes longer than 20000 characters.' })
  t.equal(renderLiquid(source, { long: 'x'.repeat(100) }).length, 20_000)
  t.end()
})

test('ten thousand characters of nothing but nesting, filters or conditions come to an end', (t) => {
  const sources = [
    '{% if name %}'.repeat(430) + '{% endif %}'.repeat(430),
    `{{ name${' | upcase'.repeat(1_000)} }}`,
    `{{ name${'[0]'.repeat(3_000)} }}`,
    `{% if ${'name and '.repeat(1_000)} name %}x{% endif %}`,
    `{% if ${'name contains '.repeat(700)} name %}x{% endif %}`,
    ' '.repeat(10_000),
    '\n'.repeat(10_000),
    '{'.repeat(10_000),
    '{{'.repeat(5_000),
    '{% '.repeat(3_000),
    `{{ "${'\\'.repeat(9_000)}" }}`,
  ]
  for (const source of sources) {
    const started = performance.now()
    outcome(source)
    t.ok(performance.now() - started < 1_000, source.slice(0, 20))
  }
  t.end()
})

test('no text makes anything but words or a fault of them', (t) => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '{%',
    '%}',
    '{%-',
    '-}}',
    ' if ',
    ' case ',
    'when',
    ' name',
    ' | ',
    'truncate: ',
    '"',
    "'",
    '..',
    '(',
    ')',
    '[',
    '-1',
    '\n',
  )
  const source = fc.array(fc.oneof(piece, fc.string({ unit: 'grapheme' })), { maxLength: 40 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(source, (text) => outcome(text).length < 21_000),
    { numRuns: 2_000 },
  )
  t.pass('none threw anything else')
  t.end()
})

test('values are never read as Liquid', (t) => {
  t.equal(renderLiquid('{{ name }}', { name: '{{ other }}{% for %}', other: 'secret' }), '{{ other }}{% for %}')
  t.end()
})

test('unknown variables are found in branches that are not taken, too', (t) => {
  const source = '{{ name }}\n{% if empty %}{{ nope }}{% elsif nada == 1 %}{% endif %}{{ name | default: nix }}'
  t.equal(renderLiquid('{% if empty %}{{ nope }}{% endif %}ok', values), 'ok', 'rendering passes them by')
  const found = findUnknownVariables(source, ['name', 'empty']).map(({ message }) => message)
  t.strictSame(
    found.sort(),
    ['nada', 'nix', 'nope'].map((name) => `Line 2: There is no variable "${name}" here.`),
  )
  t.strictSame(findUnknownVariables(source, ['name', 'empty', 'nope', 'nada', 'nix']), [])
  t.end()
})
