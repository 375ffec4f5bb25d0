import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodemailer, { type SendMailOptions } from 'nodemailer'
import type { Test } from 'tap'
import { type Inbox, startInbox } from '../../src/embedded/inbox/inbox.ts'

/** A folder that is gone when the test ends. */
export async function dataFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-inbox-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function openInbox(t: Test, dataDir: string): Promise<Inbox> {
  const inbox = await startInbox(dataDir)
  t.teardown(() => inbox.stop())
  return inbox
}

export interface Sending extends SendMailOptions {
  site?: string
  password?: string | undefined
}

/** Sends as the site does, and answers what the server said. */
export async function sendMail({ port, passwordOf }: Inbox, { site = 'site-a', password = passwordOf(site), ...mail }: Sending): Promise<string> {
  const auth = password ? { auth: { user: site, pass: password } } : {}
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port, secure: false, ...auth })
  const { response } = await transport.sendMail({ from: `${site}@sender.example`, to: 'ana@mail.example', subject: 'Olá', text: 'Bom dia', ...mail })
  transport.close()
  return response
}

/** A PNG of one pixel. */
export const onePixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
