import { escapeHtml } from '../tenancy/escape-html.ts'
import type { ContactWords } from './contact-words.ts'
import type { Answer, Answers, FormField } from './form-schema.ts'

/** What a browser sends: text, or several texts under one name. */
export type Typed = Record<string, string | string[]>

export interface FormFault {
  /** The field it is about; without one it is about the whole. */
  field?: string
  text: string
}

/** People do not see this field, so what fills it is a program. */
export const trapName = 'website'

/** Answers as the form's schema means them. A field left empty is not answered. */
export function readTyped(fields: readonly FormField[], typed: Typed): Answers {
  const answers: Answers = {}
  for (const { name, kind, required } of fields) {
    const value = typed[inputName(name)]
    if (kind === 'other') continue
    if (kind === 'tick') {
      if (value !== undefined || required) answers[name] = value !== undefined
    } else if (typeof value === 'string') {
      // A browser sends CR LF for each line break, but counts it as one character.
      const text = value.replace(/\r\n?/g, '\n').trim()
      if (text !== '') answers[name] = kind === 'number' ? asNumber(text) : text
    } else if (value !== undefined) answers[name] = value
  }
  return answers
}

/** Without a script. The browser checks first; faults that get past it are told above the form, and what was typed stays. */
export function renderContactForm(words: ContactWords, fields: readonly FormField[], typed: Typed, faults: readonly FormFault[]): string {
  const inputs = fields.map((field, at) => {
    const value = typed[inputName(field.name)]
    const fault = faults.find((one) => one.field === field.name)
    return field.kind === 'other'
      ? ''
      : renderField(words, { field, id: `f${at}`, value: typeof value === 'string' ? value : '', fault: fault?.text })
  })
  const lines = faults.map(({ field, text }) => {
    const at = fields.findIndex(({ name }) => name === field)
    return at === -1 ? `<li>${escapeHtml(text)}</li>` : `<li><a href="#f${at}">${escapeHtml(`${fields[at]?.title}: ${text}`)}</a></li>`
  })
  const alert = lines.length > 0 ? `<div class="alert" role="alert"><p>${words.failed}</p><ul>${lines.join('')}</ul></div>` : ''
  const trap =
    `<div class="trap" aria-hidden="true"><label for="trap">${words.trap}</label>` +
    `<input id="trap" name="${trapName}" tabindex="-1" autocomplete="off"></div>`
  return `${alert}<p>${words.intro}</p><form method="post" action="/contact">${inputs.join('')}${trap}<button type="submit">${words.submit}</button></form>`
}

/** Names of a form's fields are the site's, so they stand apart from ours. */
function inputName(name: string): string {
  return `data.${name}`
}

function asNumber(text: string): Answer {
  return /^-?\d{1,15}([.,]\d{1,15})?$/.test(text) ? Number(text.replace(',', '.')) : text
}

interface ShownField {
  field: FormField
  id: string
  value: string
  fault: string | undefined
}

const types: Partial<Record<FormField['kind'], string>> = {
  // Browsers take ASCII alone for type="email".
  email: 'type="text" inputmode="email" autocomplete="email" spellcheck="false" autocapitalize="none"',
  link: 'type="url"',
  date: 'type="date"',
  number: 'type="text" inputmode="decimal"',
}

function renderField(words: ContactWords, { field, id, value, fault }: ShownField): string {
  const { title, required, kind } = field
  const label = `<label for="${id}">${escapeHtml(title)}${required || kind === 'tick' ? '' : ` (${words.optional})`}</label>`
  const complaint = fault === undefined ? '' : `<p class="fault" id="${id}-fault">${escapeHtml(fault)}</p>`
  return `${label}${renderInput(words, { field, id, value, fault })}${complaint}`
}

function renderInput(words: ContactWords, { field, id, value, fault }: ShownField): string {
  const { name, required, kind, maxLength, choices } = field
  const state = fault === undefined ? '' : ` aria-invalid="true" aria-describedby="${id}-fault"`
  const common = `id="${id}" name="${escapeHtml(inputName(name))}"${required && kind !== 'tick' ? ' required' : ''}${state}`
  const bound = maxLength === undefined ? '' : ` maxlength="${maxLength}"`
  if (kind === 'tick') return `<input type="checkbox" ${common}${value === '' ? '' : ' checked'}>`
  // A line break right after the tag is not part of the text.
  if (kind === 'paragraph') return `<textarea ${common}${bound} rows="7">\n${escapeHtml(value)}</textarea>`
  if (kind === 'choice') {
    const options = choices.map((choice) => {
      return `<option value="${escapeHtml(choice)}"${choice === value ? ' selected' : ''}>${escapeHtml(choice)}</option>`
    })
    return `<select ${common}><option value="">${words.choose}</option>${options.join('')}</select>`
  }
  const own = types[kind] ?? `type="text"${name === 'name' ? ' autocomplete="name"' : ''}`
  return `<input ${own} ${common}${bound} value="${escapeHtml(value)}">`
}
