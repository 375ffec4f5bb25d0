import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { flags } from './chromium.ts'

export interface DrivenPage {
  open(url: string): Promise<void>
  /** Value of an expression in the page. */
  read<T>(expression: string): Promise<T>
  /** What the promise in the page comes to. */
  run<T>(expression: string): Promise<T>
  /** An authenticator of the platform's kind, whose owner always agrees. */
  addAuthenticator(): Promise<void>
  /** Types into fields, found by their ids. */
  fill(fields: Record<string, string>): Promise<void>
  /** Presses Enter in the field, or clicks what the selector finds, and waits for the next page. */
  press(selector: string): Promise<void>
  resize(width: number, height: number): Promise<void>
  screenshot(file: string): Promise<void>
  /** What the browser complained about: a violated policy among it. */
  complaints: string[]
}

type Message = { id?: number; method?: string; params?: Record<string, unknown>; result?: Record<string, unknown>; error?: { message: string } }

/** A Chromium with a profile of its own, driven through its DevTools protocol as a person would use it. */
export async function drivePage(t: Test, chromium: string): Promise<DrivenPage> {
  const send = await connect(t, await launch(t, chromium))
  const { targetId } = await send.call('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send.call('Target.attachToTarget', { targetId, flatten: true })
  const call = (method: string, params: object = {}) => send.call(method, params, String(sessionId))
  const complaints: string[] = []
  send.on('Log.entryAdded', ({ entry }) => complaints.push(JSON.stringify(entry)))
  for (const domain of ['Page', 'Runtime', 'Log']) await call(`${domain}.enable`)
  const read = async (expression: string, awaitPromise = false) => {
    const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise })
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return Reflect.get(Object(result), 'value')
  }
  const next = (cause: () => Promise<unknown>) => Promise.all([send.once('Page.loadEventFired'), cause()])
  return {
    complaints,
    read: (expression) => read(expression),
    run: (expression) => read(expression, true),
    async addAuthenticator() {
      await call('WebAuthn.enable')
      const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true }
      await call('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } })
    },
    open: async (url) => void (await next(() => call('Page.navigate', { url }))),
    async fill(fields) {
      for (const [id, text] of Object.entries(fields)) {
        await read(`document.getElementById(${JSON.stringify(id)}).select()`)
        await call('Input.insertText', { text })
      }
    },
    press: async (selector) => void (await next(() => read(`document.querySelector(${JSON.stringify(selector)}).click()`))),
    resize: async (width, height) =>
      void (await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })),
    async screenshot(file) {
      const { data } = await call('Page.captureScreenshot', { captureBeyondViewport: false })
      await writeFile(file, Buffer.from(String(data), 'base64'))
    },
  }
}

async function launch(t: Test, chromium: string): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'tenantry-chromium-'))
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(browser, 'exit')
  t.teardown(async () => {
    browser.kill('SIGKILL')
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  })
  for await (const line of createInterface({ input: browser.stderr })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
    if (address) {
      browser.stderr.resume()
      return address
    }
  }
  throw new Error('the browser ended before it listened')
}

async function connect(t: Test, address: string) {
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  t.teardown(() => socket.close())
  const answers = new Map<number, (message: Message) => void>()
  const listeners = new Map<string, ((params: Record<string, unknown>) => void)[]>()
  socket.addEventListener('message', ({ data }) => {
    const message: Message = JSON.parse(String(data))
    if (message.id !== undefined) answers.get(message.id)?.(message)
    for (const listener of listeners.get(message.method ?? '') ?? []) listener(message.params ?? {})
  })
  const on = (method: string, listener: (params: Record<string, unknown>) => void) => {
    listeners.set(method, [...(listeners.get(method) ?? []), listener])
  }
  let calls = 0
  return {
    on,
    once(method: string): Promise<void> {
      return new Promise((resolve) => {
        const known = listeners.get(method) ?? []
        const heard = () => {
          listeners.set(method, known)
          resolve()
        }
        listeners.set(method, [...known, heard])
      })
    },
    call(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
      const id = ++calls
      return new Promise((resolve, reject) => {
        answers.set(id, ({ result = {}, error }) => {
          answers.delete(id)
          if (error) reject(new Error(`${method}: ${error.message}`))
          else resolve(result)
        })
        socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }))
      })
    },
  }
}
