import type { Answer, Answers, FormField } from './form-schema.ts'

const longest = 8_000
const cut = ' […]'
/** Whatever a mail program might show as the beginning of a line. */
const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/** What was written, field by field, as a person reads it. Of several lines each is quoted, so that none passes for another field. */
export function formText(fields: readonly FormField[], answers: Answers): string {
  const parts = fields.flatMap(({ name, title }) => {
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined
    return answer === undefined || answer === null ? [] : [fieldText(title, answer)]
  })
  const text = parts.join('\n')
  return text.length <= longest ? text : text.slice(0, longest - cut.length).toWellFormed() + cut
}

function fieldText(title: string, answer: Answer): string {
  const lines = asText(answer).split(lineBreak)
  const [label = ''] = title.split(lineBreak)
  return lines.length === 1 ? `${label}: ${lines[0]}` : `${label}:\n${lines.map((line) => `> ${line}`).join('\n')}`
}

function asText(answer: Answer): string {
  if (typeof answer !== 'object' || answer === null) return String(answer)
  return Array.isArray(answer) ? answer.map(asText).join(', ') : JSON.stringify(answer)
}
