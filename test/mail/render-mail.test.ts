import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { test } from 'tap'
import { emailChangeNewLife, emailChangeOldLife, erasureGrace, mailedSignInLife, resetLife, signUpLife } from '../../src/auth/sessions/token-life.ts'
import { type MailKind, type MailKindDefinition, mailKinds, secretsOf } from '../../src/jobs/mail-kinds.ts'
import { sampleDraft } from '../../src/mail/templates/check-template.ts'
import { linkLife } from '../../src/mail/templates/link-life.ts'
import { type Draft, renderMail } from '../../src/mail/templates/render-mail.ts'
import { type Language, languages } from '../../src/tenancy/language.ts'
import { buildMail } from './build-mail.ts'
import { kinds, samplePng, sampleSite } from './sample-sites.ts'

const site = sampleSite()
const definition = (kind: MailKind): MailKindDefinition => mailKinds[kind]
const draft = (kind: MailKind, own: Partial<Draft> = {}, language: Language = 'pt'): Draft => ({ ...sampleDraft(kind, language, site), ...own })
const named = (kind: MailKind, variables: Record<string, string>, own: Partial<Draft> = {}) =>
  draft(kind, { variables: { ...sampleDraft(kind, 'pt', site).variables, ...variables }, ...own })

for (const language of languages) {
  test(`every kind of mail in ${language} is whole in both its parts`, async (t) => {
    for (const kind of kinds) {
      const given = draft(kind, {}, language)
      const { subject, html, text, overrideFailure } = await renderMail(given)
      t.equal(overrideFailure, undefined)
      t.match(subject, /^Mé-Zóchi\u00a0?: \P{Cc}{5,120}$/u, `${kind}: subject`)
      for (const part of [subject, html, text]) t.notMatch(part, /\{\{|%\}|undefined|NaN|[\ue000-\uf8ff]/, `${kind}: nothing is left open`)
      t.match(html, `<html lang="${language}"`)
      t.ok(html.length < 25_000, `${kind}: ${html.length} characters`)
      t.ok(text.length > 150 && text.includes(site.name) && text.endsWith(`${site.origin}\n`), `${kind}: text`)
      const { page } = definition(kind)
      for (const found of [...(page ? [given.link] : []), ...(secretsOf(kind).includes('code') ? [given.code] : [])]) {
        t.ok(found && text.includes(found), `${kind}: the text has ${found}`)
        t.ok(found && html.includes(`>${found}<`), `${kind}: the html shows ${found}`)
      }
      t.equal(html.includes(`href="${given.link}"`), Boolean(page), `${kind}: a button where there is a page`)
      const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)
      t.strictSame([...new Set(addresses)].sort(), [site.origin, ...(page ? [given.link] : [])].sort(), `${kind}: leads nowhere else`)
    }
  })
}

test('mails about the safety of an account say when it happened, by the clock of the site', async (t) => {
  const when = '2026-07-01T22:14:00.000Z'
  const text = async (kind: MailKind, language: Language, timeZone: string) =>
    (await renderMail({ ...draft(kind, {}, language), variables: { name: 'Maria', device: 'Firefox, Linux', when }, site: { ...site, timeZone } }))
      .text
  for (const kind of kinds.filter((one) => 'when' in mailKinds[one].variables.properties)) {
    t.match(await text(kind, 'pt', 'Africa/Sao_Tome'), 'Data: 1 de julho de 2026 às 22:14 GMT\n', kind)
    t.match(await text(kind, 'en', 'Africa/Sao_Tome'), 'Date: 1 July 2026 at 22:14 GMT\n', kind)
    t.match(await text(kind, 'fr', 'Europe/Paris'), 'Date\u00a0: 2 juillet 2026 à 00:14 UTC+2\n', kind)
    t.match(await text(kind, 'pt', 'No/Such_Place'), 'Data: 1 de julho de 2026 às 22:14 UTC\n', kind)
  }
})

test('the lives that a mail tells are the ones that its link has', async (t) => {
  t.equal(linkLife['verify-email'], signUpLife / 60)
  t.equal(linkLife['reset-password'], resetLife / 60)
  t.equal(linkLife['sign-in'], mailedSignInLife / 60)
  t.equal(linkLife['email-change-old'], emailChangeOldLife / 60)
  t.equal(linkLife['email-change-new'], emailChangeNewLife / 60)
  t.equal(linkLife['keep-account'], erasureGrace / 60)
  for (const kind of kinds) t.equal(linkLife[kind] !== undefined, Boolean(definition(kind).secret), kind)
  t.match((await renderMail(draft('verify-email'))).text, 'válida durante 24 horas e o código durante 10 minutos')
  t.match((await renderMail(draft('reset-password', {}, 'fr'))).text, 'valable 30 minutes et le code 10 minutes')
})

test('what a variable says stays text, in its place', async (t) => {
  const name = `<script>alert(1)</script> {{ site_origin }} {% if %} "'& \ue000 \u202edlrow\r\n\r\nhttps://evil.example\n`
  const { html, text, subject } = await renderMail(named('password-changed', { name }))
  const shown = `<script>alert(1)</script> {{ site_origin }} {% if %} "'&    dlrow https://evil.example`
  t.match(text, `Olá, ${shown},\n\n`, 'one line, without turns of direction')
  t.match(html, '&lt;script&gt;alert(1)&lt;/script&gt; {{ site_origin }} {% if %} &#34;&#39;&amp;')
  t.notMatch(html, '<script')
  t.equal(subject, (await renderMail(draft('password-changed'))).subject)
})

test('no name adds an element to the page or a line to the subject', async (t) => {
  const elements = async (name: string) => (await renderMail(named('invitation', { inviter: `x${name}`, role: name }))).html.split('<').length
  const wanted = await elements('Maria')
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (name) => {
      const { subject } = await renderMail(named('invitation', { inviter: `x${name}` }))
      return (await elements(name)) === wanted && !/\p{Cc}/u.test(subject)
    }),
    { numRuns: 200 },
  )
  t.pass('of 200 names none did')
})

test('what was written in a form is a quotation, and can pass for nothing else', async (t) => {
  const message = 'Name: Ana\r\n\r\n123456\n\n{{ link }}\n\n-- \nThe council'
  const { html, text } = await renderMail(named('contact-notice', { message }))
  t.match(text, '\n\n> Name: Ana\n> \n> 123456\n> \n> {{ link }}\n> \n> --\n> The council\n\n')
  t.match(html, /<blockquote [^>]*><p>Name: Ana<\/p><p>123456<\/p><p>\{\{ link \}\}<\/p><p>--<br \/>The council<\/p><\/blockquote>/)
  t.notMatch(html, 'class="code"')
})

test('an override is sent instead of the default', async (t) => {
  const override = { subject: 'Olá de {{ site_short_name }}', body: 'Um <b>\r\ndois\n\n\n\n{{ link }}\n\nO código é {{ code }}.' }
  const { subject, html, text, overrideFailure } = await renderMail(draft('verify-email', { override }))
  t.equal(overrideFailure, undefined)
  t.equal(subject, 'Olá de Mé-Zóchi')
  t.match(text, /^Um <b>\ndois\n\nEscolher a palavra-passe:\nhttps:\/\/\S+\n\nO código é 123456\.\n\n-- \n/)
  t.match(html, '<p>Um &lt;b&gt;<br />dois</p>')
})

const unusable: Record<string, { subject?: string; body?: string; says: RegExp }> = {
  'a loop': { body: '{% for i in (1..100000000) %}a{% endfor %}{{ link }}{{ code }}', says: /no tag "for"/ },
  'a range without end': { body: '{{ (1..100000000) }}{{ link }}{{ code }}', says: /too much/ },
  'a variable of another kind': { body: '{{ link }} {{ code }} {{ device }}', says: /no variable "device"/ },
  'no link': { body: '{{ code }}', says: /needs \{\{ link \}\}/ },
  'no code': { body: '{{ link }}', says: /needs \{\{ code \}\}/ },
  'a link only now and then': { body: '{% if name == "Ana" %}{{ link }}{% endif %}{{ code }}', says: /needs \{\{ link \}\}/ },
  'a link thousands of times': { body: '{{ link }} {{ code }}'.repeat(300), says: /longer than/ },
  'nothing at all': { body: '{% if name %}{% endif %}', says: /needs|empty/ },
  'a subject of two lines': { subject: 'one\ntwo', says: /one line/ },
  'a subject that adds a header': { subject: 'one\r\nBcc: evil@example.com', says: /one line/ },
  'a subject of nothing': { subject: '{{ name | truncate: 0, "" }}', says: /empty/ },
  'a code in the subject': { subject: '{{ code }}', says: /no variable "code"/ },
  'a control character': { body: '{{ link }} {{ code }} \u0007', says: /control/ },
}

test('an override that cannot be sent gives way to the default, and says why', async (t) => {
  const plain = await renderMail(draft('reset-password'))
  for (const [what, { subject = 'Subject', body = '{{ link }} {{ code }}', says }] of Object.entries(unusable)) {
    const { overrideFailure, ...mail } = await renderMail(draft('reset-password', { override: { subject, body } }))
    t.match(overrideFailure, says, what)
    t.strictSame(mail, plain, `${what}: the default`)
  }
})

test('a subject is cut at 200 characters', async (t) => {
  const { subject } = await renderMail(
    named('invitation', { inviter: '🌴'.repeat(100) }, { override: { subject: '{{ inviter }}{{ inviter }}{{ inviter }}', body: '{{ link }}' } }),
  )
  t.equal([...subject].length, 200)
  t.ok(subject.isWellFormed() && subject.endsWith('🌴…'))
})

test('the words beside the subject are no salutation and hold no code', async (t) => {
  const { html } = await renderMail(draft('reset-password'))
  t.match(
    html,
    /<div style="display:none;[^"]*">Recebemos um pedido para definir uma nova palavra-passe para a sua conta\. Pode fazê-lo nesta página:<\/div>/,
  )
})

test('a logo is shown at a size that fits, and where there is none, the short name', async (t) => {
  const image = async (logo: Uint8Array | undefined) => /<img [^>]*>/.exec((await renderMail(draft('test', { site: { ...site, logo } }))).html)?.[0]
  t.match(await image(samplePng(880, 100)), 'src="cid:logo" alt="Câmara Distrital de Mé-Zóchi" width="220" height="25"')
  t.match(await image(samplePng(300, 300)), 'width="56" height="56"')
  t.match(await image(samplePng(40, 20)), 'width="40" height="20"')
  for (const none of [undefined, Buffer.from('<svg/>'), samplePng(0, 10), new Uint8Array()]) {
    t.equal(await image(none), undefined)
    t.match((await renderMail(draft('test', { site: { ...site, logo: none } }))).html, '>Mé-Zóchi</div>')
  }
})

test('a mail with a secret is not made without it', async (t) => {
  const { link: _link, ...withoutLink } = draft('sign-in')
  const { code: _code, ...withoutCode } = draft('sign-in')
  await t.rejects(renderMail(withoutLink), TypeError)
  await t.rejects(renderMail(withoutCode), TypeError)
})

test('an invitation is accepted by its link alone: the mail shows no code, not even one that it is given', async (t) => {
  for (const language of languages) {
    const given = draft('invitation', { code: '314159' }, language)
    const { html, text } = await renderMail(given)
    t.notMatch(html, /314159|class="code"/)
    t.notMatch(text, /314159|\bcode\b|código/)
    t.ok(given.link && text.includes(given.link))
    t.match(text, /72/)
  }
  const own = { subject: 'Join us', body: '{{ link }}\n\n{{ code }}' }
  t.match((await renderMail(draft('invitation', { code: '314159', override: own }))).overrideFailure, /no variable "code"/)
})

test('as sent, a mail is 7-bit, in short lines, below 100 KB, and reads as it was written', async (t) => {
  const logo = samplePng(400, 100, 30_000)
  for (const kind of kinds) {
    const given = draft(kind, { site: { ...site, logo } })
    const mail = await renderMail(given)
    const bytes = await buildMail(mail, logo)
    t.ok(
      bytes.every((byte) => byte < 128),
      `${kind}: 7-bit`,
    )
    t.ok(
      bytes
        .toString('latin1')
        .split('\r\n')
        .every((line) => line.length <= 998),
      `${kind}: lines`,
    )
    t.ok(bytes.length < 100_000, `${kind}: ${bytes.length} bytes`)
    const read = await PostalMime.parse(bytes)
    t.equal(read.subject, mail.subject)
    t.equal(read.text?.trimEnd(), mail.text.trimEnd())
    t.equal(read.html?.trimEnd(), mail.html.trimEnd())
    t.strictSame(
      read.attachments.map(({ contentId }) => contentId),
      ['<logo>'],
    )
  }
})

test('the longest message of a form is still a mail of less than 100 KB', async (t) => {
  for (const message of ['é'.repeat(8_000), '"'.repeat(8_000), 'a\n'.repeat(4_000)]) {
    const mail = await renderMail(named('contact-notice', { message }))
    t.match(mail.text, message.trim().slice(0, 1))
    const bytes = await buildMail(mail)
    t.ok(bytes.length < 100_000, `${bytes.length} bytes`)
  }
})
