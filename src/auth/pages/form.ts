import { defaultAuthPolicy } from '../../tenancy/auth-policy.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import type { Words } from './words.ts'

export type FieldName = keyof Words['fields']

export interface Fault {
  /** The field it is about; without one it is about the whole. */
  field?: FieldName
  text: string
}

export interface Form {
  action: string
  fields: readonly FieldName[]
  submit: string
  /** Names and values that the visitor does not see. */
  hidden?: Record<string, string>
  /** What was typed before. A password is never shown again. */
  typed?: Partial<Record<FieldName, string>>
  faults?: readonly Fault[]
  passwordLabel?: string
  /** Least length of a new password at this site. */
  passwordLength?: number
  /** The site's captcha, where it has one, is to be solved in it. */
  captcha?: boolean
  /** Goes when the passkey script shows recovery codes in its place. */
  untilCodes?: boolean
  /** HTML after the fields: what is not typed. */
  extra?: string
  /** Fields behind a summary; each may be shown instead of one of the others. */
  aside?: { summary: string; fields: readonly FieldName[]; insteadOf?: FieldName }
}

const attributes: Record<FieldName, string> = {
  email: 'type="email" autocomplete="email" spellcheck="false" autocapitalize="none"',
  name: 'type="text" autocomplete="name"',
  password: 'type="password" autocomplete="new-password"',
  currentPassword: 'type="password" autocomplete="current-password"',
  code: 'type="text" autocomplete="one-time-code" inputmode="numeric" class="code"',
  appName: 'type="text" autocomplete="off"',
  passkeyName: 'type="text" autocomplete="off"',
  mailCode: 'type="text" autocomplete="one-time-code" inputmode="numeric" class="code"',
  recoveryCode: 'type="text" autocomplete="off" spellcheck="false" autocapitalize="none"',
}

/** Faults are the server's to find, in the site's language: the browser's own checks are off. */
export function renderForm(words: Words, form: Form, captcha = ''): string {
  const {
    action,
    fields,
    submit,
    hidden = {},
    typed = {},
    faults = [],
    passwordLabel,
    passwordLength = defaultAuthPolicy.passwordLength,
    extra = '',
    aside,
  } = form
  const kept = Object.entries(hidden).map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
  const render = (name: FieldName) => {
    const label = name === 'password' && passwordLabel ? passwordLabel : words.fields[name]
    const required = !aside?.fields.includes(name) && aside?.insteadOf !== name
    const hint = name === 'password' ? words.passwordHint(passwordLength) : ''
    return renderInput({ name, label, hint, required, value: typed[name] ?? '', fault: faults.find(({ field }) => field === name)?.text })
  }
  const inputs = fields.map(render)
  if (aside) {
    const open = aside.fields.some((name) => faults.some(({ field }) => field === name)) ? ' open' : ''
    inputs.push(`<details${open}><summary>${aside.summary}</summary>${aside.fields.map(render).join('')}</details>`)
  }
  const until = form.untilCodes ? ' data-until-codes' : ''
  return `<form method="post" action="${action}" novalidate${until}>${kept.join('')}${inputs.join('')}${extra}${captcha}<button type="submit">${submit}</button></form>`
}

/** What is wrong, read out by screen readers as the page appears; each line leads to its field. */
export function renderFaults(words: Words, faults: readonly Fault[]): string {
  if (faults.length === 0) return ''
  const lines = faults.map(({ field, text }) => `<li>${field ? `<a href="#${field}">${escapeHtml(text)}</a>` : escapeHtml(text)}</li>`)
  return `<div class="alert" role="alert"><p>${words.failed}</p><ul>${lines.join('')}</ul></div>`
}

export interface Field {
  name: FieldName
  label: string
  hint?: string
  required: boolean
  value: string
  fault: string | undefined
}

/** A field with its label, for those that stand in no form too. */
export function renderInput({ name, label, hint: told = '', required, value, fault }: Field): string {
  const hint = told && `<p class="hint" id="${name}-hint">${told}</p>`
  const described = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(' ')
  const state = `${described && ` aria-describedby="${described}"`}${fault ? ' aria-invalid="true"' : ''}`
  const shown = name === 'password' || name === 'currentPassword' ? '' : ` value="${escapeHtml(value)}"`
  const complaint = fault ? `<p class="fault" id="${name}-fault">${escapeHtml(fault)}</p>` : ''
  return `<label for="${name}">${label}</label>${hint}<input id="${name}" name="${name}" ${attributes[name]}${required ? ' required' : ''}${state}${shown}>${complaint}`
}
