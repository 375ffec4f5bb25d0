import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { eventually } from '../eventually.ts'
import { flags } from './chromium.ts'

export interface LivePage {
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>
  /** A click as a mouse makes it, at a point of the window. */
  click(x: number, y: number): Promise<void>
  /** Addresses of all tabs. */
  tabs(): Promise<string[]>
  /** What pages wrote to the console, or the browser about them: a violated policy among it. */
  console(): string[]
}

/** A page that stays open, over the DevTools protocol: one with an open connection never comes to the rest that `openPage` waits for. */
export async function openLivePage(t: Test, chromium: string, url: string): Promise<LivePage> {
  const profile = await mkdtemp(join(tmpdir(), 'tenantry-chromium-'))
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, '--remote-debugging-port=0', '--window-size=1200,900', url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(async () => {
    browser.kill('SIGKILL')
    await once(browser, 'exit')
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  })
  const log: string[] = []
  createInterface(browser.stderr).on('line', (line) => log.push(line))
  const listening = () => log.flatMap((line) => /^DevTools listening on ws:\/\/([^/]+)/.exec(line)?.[1] ?? [])[0]
  await eventually(t, 'Chromium listens', () => listening() !== undefined, 20_000)
  const http = `http://${listening()}`
  const targets = async () => {
    const all: { type: string; url: string; webSocketDebuggerUrl: string }[] = JSON.parse(await (await fetch(`${http}/json`)).text())
    return all.filter(({ type }) => type === 'page')
  }
  const target = (await targets())[0]
  if (!target) throw new Error('Chromium has no page')
  const ask = await connect(t, target.webSocketDebuggerUrl)
  return {
    console: () => log.filter((line) => line.includes(':CONSOLE')),
    async evaluate(expression) {
      const { result } = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
      return Object(result).value
    },
    async click(x, y) {
      const at = { x, y, button: 'left', clickCount: 1 }
      for (const type of ['mouseMoved', 'mousePressed', 'mouseReleased']) await ask('Input.dispatchMouseEvent', { type, ...at })
    },
    tabs: async () => (await targets()).map((one) => one.url),
  }
}

type Message = Record<string, unknown>

async function connect(t: Test, url: string) {
  const socket = new WebSocket(url)
  t.teardown(() => socket.close())
  const waiting = new Map<unknown, (result: Message) => void>()
  socket.addEventListener('message', ({ data }) => {
    const message: Message = JSON.parse(String(data))
    waiting.get(message.id)?.(Object(message.result))
    waiting.delete(message.id)
  })
  await once(socket, 'open')
  let id = 0
  return (method: string, params: object): Promise<Message> =>
    new Promise((done) => {
      waiting.set(++id, done)
      socket.send(JSON.stringify({ id, method, params }))
    })
}
