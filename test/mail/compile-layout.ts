import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import mjml2html from 'mjml'

const source = new URL('../../src/mail/templates/layout.mjml', import.meta.url)
export const layoutFile = new URL('../../src/mail/templates/layout.html', import.meta.url)

// As `npm run mail:layout`.
if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(layoutFile, await compileLayout())

/** The layout of mails, from MJML to the HTML that mail programs understand. */
export async function compileLayout(): Promise<string> {
  const { html, errors } = await mjml2html(await readFile(source, 'utf8'), {
    // None: they would be fetched when the mail is read.
    fonts: {},
    keepComments: false,
    beautify: true,
    validationLevel: 'soft',
  })
  // Liquid stands where MJML wants a colour.
  const faults = errors
    .map(({ formattedMessage }) => formattedMessage)
    .filter((message) => !/invalid value: \{\{ \w+ \}\} for type Color/.test(message))
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return html
}
