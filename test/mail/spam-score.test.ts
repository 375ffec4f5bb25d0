import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { sampleDraft } from '../../src/mail/templates/check-template.ts'
import { renderMail } from '../../src/mail/templates/render-mail.ts'
import { languages } from '../../src/tenancy/language.ts'
import { requireTool } from '../tool.ts'
import { buildMail } from './build-mail.ts'
import { kinds, samplePng, sampleSite } from './sample-sites.ts'

/** SpamAssassin takes a mail for spam at 5. */
const most = 2
const divider = 'From no-reply@camara-mezochi.example Tue Nov 24 10:00:00 2026'
/** The text that everybody agrees to take for spam. */
const control = 'Subject: control\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n'

test('every mail in every language scores below 2 in SpamAssassin', { timeout: 240_000 }, async (t) => {
  const spamassassin = requireTool(t, 'spamassassin')
  if (!spamassassin) return
  const logo = samplePng(400, 100)
  const mails = new Map([['control', control]])
  for (const language of languages) {
    for (const kind of kinds) {
      // Every second with a logo.
      const site = sampleSite({ logo: mails.size % 2 === 0 ? logo : undefined })
      const mail = await buildMail(await renderMail(sampleDraft(kind, language, site)), site.logo)
      mails.set(`${kind}-${language}`, mail.toString('latin1'))
    }
  }
  const scores = await score(spamassassin, t.testdir(), mails)
  t.ok((scores.get('control')?.points ?? 0) > 100, 'what has to be taken for spam is')
  for (const name of mails.keys()) {
    const { points = Number.NaN, rules } = scores.get(name) ?? {}
    if (name !== 'control') t.ok(points < most, `${name}: ${points} points, ${rules}`)
  }
})

/** One process for all, because most of its time is its start. Without the network and without a memory of earlier mails. */
async function score(program: string, home: string, mails: Map<string, string>): Promise<Map<string, { points: number; rules: string }>> {
  const box = join(home, 'mails.mbox')
  const entries = [...mails].map(
    ([name, mail]) => `${divider}\nX-Sample: ${name}\n${mail.replaceAll('\r\n', '\n').replaceAll(/^From /gm, '>From ')}\n`,
  )
  await writeFile(box, entries.join(''), 'latin1')
  const { stdout } = await promisify(execFile)(program, ['--local', '--mbox', box], { env: { ...process.env, HOME: home }, maxBuffer: 2 ** 26 })
  // Not in the order they went in.
  const scored = stdout.replaceAll(/\n[\t ]+/g, ' ').split(/^From no-reply@.*\n/m)
  return new Map(
    scored.flatMap((mail) => {
      const [, name] = /^X-Sample: (\S+)/m.exec(mail) ?? []
      const [, points, rules = ''] = /^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(.*?) autolearn/m.exec(mail) ?? []
      return name && points ? [[name, { points: Number(points), rules }] as const] : []
    }),
  )
}
