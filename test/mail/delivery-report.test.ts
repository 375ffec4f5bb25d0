import t from 'tap'
import { readDeliveryReport } from '../../src/mail/reports/delivery-report.ts'
import { isBadMailbox, permanentStatus } from '../../src/mail/reports/enhanced-status.ts'
import { bounce, complaint, crlf } from './reports.ts'

const read = (text: string) => readDeliveryReport(Buffer.from(text))
const failed = { reason: 'bounce', recipient: 'ana@nowhere.example', messageId: '<1@camara.example>', status: '5.1.1' }

t.test('a delivery status notification names recipient, status and the mail that came back', async (t) => {
  t.strictSame(await read(bounce()), [failed])
  t.strictSame(await read(bounce({ returned: 'message/rfc822' })), [failed], 'the whole mail came back')
  t.strictSame(await read(bounce({ returned: 'message/rfc822-headers' })), [failed])
  t.strictSame(await read(bounce().replaceAll('\r\n', '\n')), [failed], 'bare line feeds')
  t.strictSame(await read(bounce({ finalRecipient: 'RFC822;<Ana@Nowhere.Example>' })), [failed], 'written otherwise')
  t.strictSame(await read(bounce({ status: '5.1.1 (bad destination mailbox)' })), [failed])
  const generic = bounce({ status: '5.0.0', more: ['Diagnostic-Code: smtp; 550-5.1.1 The account', ' does not exist'] })
  t.strictSame(await read(generic), [failed], "the receiving server's own code")
})

t.test('what was only delayed, was delivered or failed for now is none', async (t) => {
  for (const action of ['delayed', 'delivered', 'relayed', 'expanded', '']) t.strictSame(await read(bounce({ action })), [], action)
  for (const status of ['4.2.2', '2.1.5', '5', '5.1', '15.1.1', '5.1.1.1', '']) t.strictSame(await read(bounce({ status })), [], status)
})

t.test('one report of several recipients, and both names of one', async (t) => {
  const more = [
    '',
    'Final-Recipient: rfc822; rui@nowhere.example',
    'Action: failed',
    'Status: 5.7.1',
    '',
    'Final-Recipient: rfc822; eva@x.example',
    'Action: delayed',
    'Status: 4.4.1',
  ]
  t.strictSame(await read(bounce({ more })), [failed, { ...failed, recipient: 'rui@nowhere.example', status: '5.7.1' }])
  const both = await read(bounce({ finalRecipient: 'rfc822; box17@inside.example', more: ['Original-Recipient: rfc822; ana@nowhere.example'] }))
  t.strictSame(
    both.map(({ recipient }) => recipient),
    ['ana@nowhere.example', 'box17@inside.example'],
  )
  const many = Array.from({ length: 300 }, (_, at) => [
    '',
    `Final-Recipient: rfc822; u${at}@nowhere.example`,
    'Action: failed',
    'Status: 5.1.1',
  ]).flat()
  t.ok((await read(bounce({ more: many }))).length <= 50)
})

t.test('an abuse report names the recipient, or leaves it to the mail that came back', async (t) => {
  const complained = { ...failed, reason: 'complaint', status: '' }
  t.strictSame(await read(complaint()), [complained])
  t.strictSame(await read(complaint({ rcptTo: '<ana@nowhere.example>' })), [complained])
  t.strictSame(await read(complaint({ rcptTo: 'redacted' })), [], 'a name that is none counts for nobody')
  for (const type of ['not-spam', 'virus', 'other', 'auth-failure']) t.strictSame(await read(complaint({ type })), [], type)
})

t.test('each report of several goes with the mail that follows it', async (t) => {
  const boundary = 'outer'
  const inner = (id: string, recipient: string) => [
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${id}`,
  ]
  const head = [`Content-Type: multipart/report; report-type=delivery-status; boundary=${boundary}`, '']
  const mail = crlf([...head, ...inner('<1@a.example>', 'ana@x.example'), ...inner('<2@a.example>', 'rui@x.example'), `--${boundary}--`])
  t.match(await read(mail), [
    { recipient: 'ana@x.example', messageId: '<1@a.example>' },
    { recipient: 'rui@x.example', messageId: '<2@a.example>' },
  ])
  const extra = crlf([`--${boundary}`, 'Content-Type: text/rfc822-headers', '', 'Message-ID: <3@a.example>', `--${boundary}--`])
  t.equal((await read(mail.replace(crlf([`--${boundary}--`]), extra))).length, 2, 'and with that alone')
})

t.test('any other mail is none', async (t) => {
  t.strictSame(await read(bounce().replace('multipart/report', 'multipart/mixed')), [])
  t.strictSame(await read(bounce({ messageId: 'none' })), [], 'it does not say which mail')
  t.strictSame(await read(bounce({ returned: 'text/plain' })), [])
  t.strictSame(await read('Subject: hello\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\nMessage-ID: <1@camara.example>\r\n'), [])
  t.strictSame(await read(''), [])
})

t.test('line breaks and lists smuggle nothing in', async (t) => {
  for (const recipient of [
    'a@x.example, b@x.example',
    'a@x.example\rStatus: 5.1.1',
    '@',
    'rfc822',
    `${'a'.repeat(300)}@x.example`,
    '\u0000@x.example',
  ]) {
    t.strictSame(await read(bounce({ finalRecipient: `rfc822; ${recipient}` })), [], JSON.stringify(recipient).slice(0, 40))
  }
  const folded = await read(bounce({ messageId: '<1@camara.example>\r\n <2@other.example>' }))
  t.equal(folded[0]?.messageId, '<1@camara.example>', 'the first one counts')
})

t.test('broken, deep and large mails are read in good time, or not at all', async (t) => {
  const whole = bounce()
  for (let length = 0; length < whole.length; length += 7) await read(whole.slice(0, length))
  const levels = Array.from({ length: 1000 }, (_, at) => [`Content-Type: multipart/report; boundary=b${at}`, '', `--b${at}`]).flat()
  const heavy: Record<string, string> = {
    'a thousand levels': crlf(levels),
    'mails in mails': crlf(Array.from({ length: 1000 }, () => ['Content-Type: message/rfc822', '']).flat()),
    'only boundaries': `Content-Type: multipart/report; boundary=b\r\n\r\n${'--b\r\n'.repeat(50_000)}`,
    'as many boundaries as are read': `Content-Type: multipart/report; boundary=b\r\n\r\n${'--b\r\n'.repeat(5_990)}`,
    'one long header': `Content-Type: multipart/report; boundary=b${' '.repeat(250_000)}x\r\n\r\n`,
    'blank lines': bounce({ more: Array.from({ length: 100_000 }, () => '') }),
    'folds without end': bounce({ more: [`X: ${'\r\n '.repeat(80_000)}`] }),
    'open brackets': bounce({ messageId: '<'.repeat(200_000) }),
    'open recipients': bounce({ finalRecipient: `rfc822; ${'<'.repeat(200_000)}` }),
    'many comments': `Content-Type: multipart/report; ${'('.repeat(120_000)} boundary=b\r\n\r\n`,
  }
  for (const [what, mail] of Object.entries(heavy)) {
    const began = performance.now()
    await read(mail)
    t.ok(performance.now() - began < 2_000, `${what}: ${Math.round(performance.now() - began)} ms`)
  }
})

t.test('statuses that mean a mailbox that is not there, and those that do not', (t) => {
  for (const status of ['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']) t.ok(isBadMailbox(status), status)
  for (const status of ['5.0.0', '5.1.0', '5.1.7', '5.2.2', '5.2.3', '5.3.4', '5.4.4', '5.5.1', '5.7.1', '5.7.26', '4.1.1', ''])
    t.notOk(isBadMailbox(status), status)
  t.equal(permanentStatus('550 5.1.10 null MX'), '5.1.10')
  t.equal(permanentStatus('smtp; 550-5.1.1 no'), '5.1.1')
  t.equal(permanentStatus('from 15.1.1.1 and 5.1.1.1 and 450 4.2.2'), undefined)
  t.end()
})
