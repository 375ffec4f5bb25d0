import t from 'tap'
import { startService } from '../../src/start-service.ts'
import { createTestDatabase } from '../database.ts'
import { dataFolder, onePixel, openInbox, sendMail } from '../embedded/inbox-mail.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { sendRaw } from '../raw-request.ts'
import { requireTool } from '../tool.ts'
import { openLivePage } from './live-page.ts'
import { localConfig } from './local-config.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const data = await createTestDatabase(t)
  const port = await freePort()
  const config = await localConfig(t, data.url, port)
  const inbox = await openInbox(t, await dataFolder(t))
  const service = await startService(config, { outside: inbox.routes, maxEventLoopDelay: 0 })
  t.teardown(() => service.stop())
  const url = `http://inbox.localhost:${port}`

  t.test('a mail shows up in an open list by itself, and opens', async (t) => {
    const page = await openLivePage(t, chromium, `${url}/`)
    await eventually(t, 'it listens', async () => (await page.evaluate('document.body.classList.contains("is-live")')) === true, 10_000)
    t.match(await page.evaluate('document.querySelector("#list").innerText'), 'No mail yet')
    await sendMail(inbox, { subject: 'Olá & <b>adeus</b>' })
    const first = 'document.querySelector(".row.new strong")?.textContent'
    await eventually(t, 'it is there', async () => (await page.evaluate(first)) === 'Olá & <b>adeus</b>', 5_000)
    t.equal(await page.evaluate('document.title'), 'Inbox (1)')
    t.same(page.console(), [])
  })

  t.test('a mail is shown with the picture it brings along, without any from elsewhere, runs no script, and its links open a tab', async (t) => {
    const link = `${url}/messages?from=the-mail`
    const html = `<!doctype html><html><head></head><body style="margin:0"><a href="${link}" style="position:absolute;inset:0 0 auto 0;height:200px;display:block">go</a>
      <img src="cid:logo"><img src="http://cecab.localhost:${port}/elsewhere.png"><script>parent.document.title = 'taken'; document.body.textContent = 'taken'</script>
      <meta http-equiv="refresh" content="0;url=${url}/messages?refreshed"></body></html>`
    await sendMail(inbox, { html, attachments: [{ filename: 'l.png', content: onePixel, cid: 'logo', contentType: 'image/png' }] })
    // Not by name: the machine's resolver need not know what ends in .localhost, as browsers do.
    const { items } = JSON.parse((await sendRaw(port, ['GET /messages HTTP/1.1', `Host: inbox.localhost:${port}`])).body)
    const page = await openLivePage(t, chromium, `${url}/mail/${items[0].id}`)
    const frame = 'document.querySelector("iframe").getBoundingClientRect()'
    await eventually(t, 'it is laid out', async () => Number(await page.evaluate(`${frame}.height`)) > 300, 10_000)
    await eventually(t, 'what is forbidden was tried', () => page.console().some((line) => line.includes('elsewhere.png')), 5_000)
    t.notOk(
      page.console().some((line) => line.includes('data:image')),
      'the picture inside it is allowed',
    )
    await eventually(t, 'its script was stopped', () => page.console().some((line) => /Blocked script execution/.test(line)), 5_000)
    t.not(await page.evaluate('document.title'), 'taken')
    const [x, y] = [Number(await page.evaluate(`${frame}.x`)) + 40, Number(await page.evaluate(`${frame}.y`)) + 40]
    const opened = async () => {
      await page.click(x, y)
      return (await page.tabs()).includes(link)
    }
    await eventually(t, 'the link opens beside it', opened, 5_000)
    t.notOk((await page.tabs()).some((tab) => tab.includes('refreshed')))
  })
}
