import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { isMailKind, type MailKind } from '../../jobs/mail-kinds.ts'
import { type Language, languages } from '../../tenancy/language.ts'
import type { MailSite } from '../outbox/mail-site.ts'
import { defaultTexts } from './default-texts.ts'
import type { Draft } from './render-mail.ts'
import { variablesOf } from './template-variables.ts'

export const TemplateAddress = Type.Object({
  kind: Type.String({ maxLength: 41, description: 'As `GET /v1/mail/templates` lists them' }),
  locale: Type.String({ maxLength: 5, description: 'pt, en or fr' }),
})

const Subject = Type.String({ minLength: 1, maxLength: 200, description: 'Liquid, one line' })
const Body = Type.String({ minLength: 1, maxLength: 10_000, description: 'Liquid; paragraphs parted by an empty line' })
export const TemplateText = Type.Object({ subject: Subject, body: Body }, { additionalProperties: false })
export type TemplateText = Static<typeof TemplateText>
/** 10,000 characters, each written as an escape of a pair, and the rest. */
export const templateBodyLimit = 128 * 1024

const Moment = Type.String({ format: 'date-time', maxLength: 30 })
export const Template = Type.Object(
  {
    kind: Type.String({ maxLength: 41 }),
    locale: Type.String({ maxLength: 2 }),
    variables: Type.Array(
      Type.Object(
        { name: Type.String(), description: Type.String(), inSubject: Type.Boolean({ description: 'Whether the subject may have it too' }) },
        { additionalProperties: false },
      ),
    ),
    default: TemplateText,
    own: Type.Union([
      Type.Object(
        {
          ...TemplateText.properties,
          updatedAt: Moment,
          brokenAt: Type.Union([Moment, Type.Null()], { description: 'When it last failed, and the default was sent instead' }),
        },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
  },
  { additionalProperties: false },
)
export type Template = Static<typeof Template>

export interface TemplatePlace {
  kind: MailKind
  locale: Language
}

/** 404 MAIL_TEMPLATE_UNKNOWN for a kind or language that there is none of. */
export function findPlace({ kind, locale }: Static<typeof TemplateAddress>): TemplatePlace {
  const language = languages.find((one) => one === locale)
  if (!isMailKind(kind) || !language) throw problem('MAIL_TEMPLATE_UNKNOWN')
  return { kind, locale: language }
}

/** As the audit log names it. */
export function templateTarget({ kind, locale }: TemplatePlace): { kind: string; id: string } {
  return { kind: 'mail-template', id: `${kind}/${locale}` }
}

/** 422 MAIL_TEMPLATE_INVALID for a text that no mail could be made of; else the mail it was tried with. */
export async function tryTemplate({ kind, locale }: TemplatePlace, text: TemplateText, site: MailSite): Promise<Draft> {
  // Liquid takes 10 MB, and most processes never look at a template.
  const { checkTemplate, sampleDraft } = await import('./check-template.ts')
  const draft = sampleDraft(kind, locale, site)
  const issues = checkTemplate(text, draft)
  if (issues.length > 0) throw problem('MAIL_TEMPLATE_INVALID', { issues })
  return { ...draft, override: text }
}

export interface OwnTemplate extends TemplateText {
  updatedAt: Date
  brokenAt: Date | null
}

export const ownTemplateFields = { subject: true, body: true, updatedAt: true, brokenAt: true } as const

export function shapeTemplate({ kind, locale }: TemplatePlace, own: OwnTemplate | undefined): Template {
  const { subject, body } = defaultTexts[locale].mails[kind]
  return {
    kind,
    locale,
    variables: variablesOf(kind),
    default: { subject, body },
    own: own ? { ...own, updatedAt: own.updatedAt.toISOString(), brokenAt: own.brokenAt?.toISOString() ?? null } : null,
  }
}
