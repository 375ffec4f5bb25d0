import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { escapeHtml } from './escape-html.ts'
import type { Language } from './language.ts'
import type { PageSite } from './page-site.ts'

export interface Page {
  /** Undefined where it is not known whose page it is: then it stands without a brand. */
  site: PageSite | undefined
  language: Language
  title: string
  /** Where something is wrong: said before the title, which is what a screen reader reads first. */
  failed?: string
  /** HTML of `main`, under the title. */
  content: string
  /** HTML between header and `main`: where the visitor is, and may go. */
  navigation?: string
  /** A script of this site's own, by its address. Without one the page runs none. */
  script?: string
  /** What a page may load beside what is this site's own, by directive: a captcha's. */
  sources?: Readonly<Record<string, readonly string[]>>
  /** Other origins that a form of the page may end at: where somebody is sent back to after signing in. */
  formTargets?: readonly string[]
}

/** Answers with a page in the site's brand. It is kept by nobody, runs no script but the one that is named, and its forms lead to this site alone. */
export function sendPage(reply: FastifyReply, page: Page): void {
  reply
    .headers({
      'content-security-policy': policyOf(page),
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
      // Under no-referrer a browser sends `Origin: null` with a form (Fetch, 3.2), and one without Sec-Fetch-Site could not show whose page it
      // was. What is left of a referrer is the origin: the token in the address goes nowhere.
      'referrer-policy': 'strict-origin',
    })
    .type('text/html; charset=utf-8')
    .send(render(page))
}

// The brand comes from its own sheet: this element is the same on every site, so that the policy can name its hash.
const style = `
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:flex;flex-direction:column;font:17px/1.55 var(--font-body,system-ui,sans-serif);background:var(--surface,#fff);color:var(--text,#111)}
header{background:var(--primary,#333);color:var(--on-primary,#fff);padding:1.1rem max(1.25rem,calc(50vw - 14rem));border-bottom:4px solid var(--accent,#333)}
header a{display:inline-flex;align-items:center;gap:.75rem;color:inherit;font-weight:600;text-decoration:none}header a:hover{text-decoration:underline;text-underline-offset:.2em}header a:focus-visible{outline-color:currentColor}header img{display:block;background:var(--plate,#fff);border-radius:6px;padding:.3rem .5rem;box-sizing:content-box}
main{flex:1;width:100%;padding:2rem max(1.25rem,calc(50vw - 14rem)) 2.5rem}
h1,h2{font-family:var(--font-heading,inherit)}h1{margin:0 0 1rem;font-size:1.65rem;line-height:1.2;text-wrap:balance}h2{margin:2rem 0 .5rem;font-size:1.1rem}p{margin:0 0 1rem;overflow-wrap:anywhere}
a{color:inherit;text-underline-offset:.2em}a:hover{text-decoration-thickness:2px}
label{display:block;font-weight:600;margin:1.25rem 0 .3rem}.hint{margin:0 0 .35rem;font-size:.9rem;opacity:.85}
input,textarea,select{display:block;width:100%;font:inherit;padding:.6rem .75rem;color:inherit;background:transparent;border:1px solid;border-color:color-mix(in srgb,var(--text,#111) 60%,var(--surface,#fff));border-radius:8px}
textarea{resize:vertical}input[type=checkbox]{width:1.2rem;height:1.2rem}.trap{position:absolute;inset-inline-start:-100vw;width:1px;height:1px;overflow:hidden}
input.code{max-width:11rem;font-size:1.35rem;letter-spacing:.25em;font-variant-numeric:tabular-nums}
[aria-invalid]{border:2px solid #b3261e}.fault{margin:.35rem 0 0;font-size:.9rem;font-weight:600}.fault::before{content:"⚠ "}
button{margin:1.6rem 0 0;width:100%;font:inherit;font-weight:600;padding:.7rem 1.25rem;border:2px solid transparent;border-radius:8px;background:var(--primary,#333);color:var(--on-primary,#fff);cursor:pointer}
button:hover{box-shadow:0 0 0 3px var(--accent,#777)}:focus-visible{outline:3px solid var(--text,#111);outline-offset:2px}
.alert{border:2px solid #b3261e;border-inline-start-width:8px;border-radius:8px;padding:.75rem 1rem;margin:0 0 1.25rem}.alert p{margin:0}.alert p:first-child{font-weight:600}.alert ul{margin:.35rem 0 0;padding-inline-start:1.2rem}
.more{margin:1.75rem 0 0;font-size:.95rem}.more+.more{margin-top:.75rem}
nav{padding:.35rem max(1.25rem,calc(50vw - 14rem));border-bottom:1px solid color-mix(in srgb,var(--text,#111) 25%,var(--surface,#fff))}nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:0;padding:0;list-style:none}
nav a{display:inline-block;padding:.4rem 0;text-decoration:none}nav a:hover{text-decoration:underline}nav [aria-current]{font-weight:600;border-bottom:3px solid var(--accent,#333)}
.notice{margin:0 0 1.25rem;padding:.75rem 1rem;border:1px solid;border-inline-start-width:8px;border-radius:8px}.notice p{margin:0}.notice p+p{margin-top:.4rem}
.cards{margin:0;padding:0;list-style:none}.cards>li{padding:.9rem 0;border-bottom:1px solid color-mix(in srgb,var(--text,#111) 25%,var(--surface,#fff))}.cards p{margin:0}
form~[data-passkey]{background:transparent;color:inherit;border:2px solid}details{margin:1.5rem 0 0}summary{cursor:pointer}
button.quiet{width:auto;margin:.6rem 0 0;padding:.4rem .9rem;background:transparent;color:inherit;border:2px solid}dl{margin:0}dt{font-weight:600;margin-top:.75rem}dd{margin:0;overflow-wrap:anywhere}
.codes{columns:2;font:1.05rem/1.9 ui-monospace,monospace;padding:0;list-style:none}.qr{display:block;width:14rem;max-width:100%;background:#fff;padding:.75rem;border-radius:8px}.qr svg{display:block;width:100%}[hidden]{display:none}
button.link{all:unset;padding:.4rem 0;cursor:pointer}button.link:hover{text-decoration:underline}button.link:focus-visible{outline:3px solid var(--text,#111);outline-offset:2px}.operator{margin:.5rem 0}
.tick{display:flex;gap:.6rem;align-items:flex-start;margin:1.25rem 0 0}.tick input{flex:none;margin:.25rem 0 0}.tick label{margin:0}.notice form{margin-top:.75rem}dl+p{margin-top:1.25rem}
details{margin:1.25rem 0 0}summary{cursor:pointer}.tag{display:inline-block;padding:0 .5rem;border:1px solid;border-radius:99px;font-size:.85rem}.fault-line{margin:.6rem 0 0;font-weight:600}
@media print{header,nav,button,.more{display:none}}`

const styleHash = createHash('sha256').update(style).digest('base64')

/** Chromium holds also what a form is redirected to against form-action. */
function policyOf({ script, formTargets = [], sources = {} }: Page): string {
  const own = script ? ["'self'"] : []
  const loaded = {
    'script-src': own,
    'connect-src': own,
    'frame-src': [],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'manifest-src': ["'self'"],
    'style-src': ["'self'", `'sha256-${styleHash}'`],
  }
  const allowed = Object.entries(loaded).map(([directive, list]) => [directive, ...list, ...(sources[directive] ?? [])])
  const targets = ["'self'", ...formTargets].join(' ')
  const named = allowed.filter(({ length }) => length > 1).map((directive) => `${directive.join(' ')}; `)
  return `default-src 'none'; ${named.join('')}base-uri 'none'; form-action ${targets}; frame-ancestors 'none'`
}

function render({ site, language, title, failed, content, navigation = '', script }: Page): string {
  const name = site && escapeHtml(site.name)
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${failed ? `${escapeHtml(failed)}: ` : ''}${escapeHtml(title)}${name ? ` · ${name}` : ''}</title>${site?.head ?? ''}<style>${style}</style>${script ? `<script src="${script}" defer></script>` : ''}</head>
<body>${site ? `<header><a href="/">${site.logo}</a></header>` : ''}${navigation}<main><h1>${escapeHtml(title)}</h1>
${content}</main></body></html>`
}
