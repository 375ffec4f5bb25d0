import { readFile } from 'node:fs/promises'
import { answerPublicly } from '../../tenancy/answer-publicly.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import type { Words } from './words.ts'

export const passkeyScriptAddress = '/account/passkey.js'

const source = readFile(new URL('../../../web/account/passkey.js', import.meta.url), 'utf8')

export const passkeyScript = defineFlow({
  schema: { hide: true },
  handler(request, reply) {
    return answerPublicly(request, reply, {
      cache: request.server.publicCache,
      key: passkeyScriptAddress,
      type: 'text/javascript; charset=utf-8',
      load: () => source,
    })
  },
})

export interface PasskeyButton {
  purpose: 'sign-in' | 'second-factor' | 'reauthenticate' | 'register' | 'enrol'
  label: string
  /** What is said when it did not work. */
  failed: string
  /** Where the page goes on; checked by the caller. */
  next: string
  pending?: string
  /** Of a new passkey, where nothing is typed. */
  name?: string
}

/** Hidden until the script finds that the browser can do it. */
export function renderPasskeyButton({ purpose, label, ...data }: PasskeyButton): string {
  const attributes = Object.entries(data).map(([name, value]) => `data-${name}="${escapeHtml(value)}"`)
  return `<button type="button" hidden data-passkey="${purpose}" ${attributes.join(' ')}>${label}</button><p id="passkey-told" class="fault-line" role="alert"></p>`
}

/** The button, and the script that its page has to run. */
export function offerPasskey({ passkey }: Words, button: Omit<PasskeyButton, 'failed'>): { html: string; script: string } {
  return { html: renderPasskeyButton({ ...button, failed: passkey.failed }), script: passkeyScriptAddress }
}
