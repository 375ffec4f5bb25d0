interface Statement {
  /** In lower case, without comments, texts and bodies: what is left is words. */
  words: string
  /** Its texts, as written between their quotes. */
  texts: string[]
  /** Bodies between dollars. */
  bodies: string[]
}

/** PostgreSQL's own comments nest, which no pattern can follow: those are left out first. */
const token = /--[^\n]*|\$(\w*)\$([\s\S]*?)\$\1\$|"(?:[^"]|"")*"|\be'((?:[^'\\]|\\[\s\S]|'')*)'|'((?:[^']|'')*)'|;/gi

const neverInside = [
  /\bconcurrently\b/,
  /^(vacuum|cluster|checkpoint|discard|listen|notify)\b/,
  /^(begin|start transaction|commit|end|rollback|abort|savepoint|release|prepare transaction)\b/,
  /^(create|drop) (database|tablespace|subscription)\b/,
  /^alter (system|database)\b/,
  /^reindex (\(.*\) )?(database|system|schema)\b/,
]
/** The one that may, although it is called so. */
const allowed = /^refresh materialized view concurrently\b/

/** The statements of a script that cannot be part of one transaction, or that end one. */
export function breaksTransaction(script: string): string[] {
  const statements = statementsOf(script)
  return statements
    .filter((statement, at) => isBanned(statement) || (isNewValue(statement) && statements.slice(at + 1).some((later) => uses(later, statement))))
    .map(({ words }) => words)
}

export function statementsOf(script: string): Statement[] {
  const statements: Statement[] = []
  const plain = withoutBlockComments(script)
  let current: Statement = { words: '', texts: [], bodies: [] }
  const finish = () => {
    const words = current.words.toLowerCase().replace(/\s+/g, ' ').trim()
    if (words) statements.push({ ...current, words })
    current = { words: '', texts: [], bodies: [] }
  }
  let from = 0
  for (const found of plain.matchAll(token)) {
    current.words += plain.slice(from, found.index)
    from = found.index + found[0].length
    if (found[0] === ';') finish()
    else if (found[2] !== undefined) current.bodies.push(found[2])
    else if (!found[0].startsWith('--')) current.texts.push(found[3] ?? found[4] ?? '')
    current.words += found[0].startsWith('--') ? ' ' : " '' "
    if (found[0] === ';') current.words = ''
  }
  current.words += plain.slice(from)
  finish()
  return statements
}

function isBanned({ words, bodies }: Statement): boolean {
  if (words.startsWith('do ')) return bodies.some((body) => /(^|;|\bthen|\bbegin)\s*(commit|rollback)\b/i.test(body))
  return !allowed.test(words) && neverInside.some((pattern) => pattern.test(words))
}

function isNewValue({ words }: Statement): boolean {
  return /^alter type .* add value\b/.test(words)
}

function uses({ texts, bodies }: Statement, { texts: [value = ''] }: Statement): boolean {
  return texts.includes(value) || bodies.some((body) => body.includes(`'${value}'`))
}

function withoutBlockComments(script: string): string {
  let [depth, kept] = [0, '']
  for (const part of script.split(/(\/\*|\*\/)/)) {
    if (part === '/*') depth++
    else if (part === '*/') depth = Math.max(0, depth - 1)
    else if (depth === 0) kept += part
    else kept += ' '
  }
  return kept
}
