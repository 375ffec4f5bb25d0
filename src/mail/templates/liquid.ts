import { Liquid, LiquidError, type Template } from 'liquidjs'

/** What is wrong with a text that somebody wrote, in words for them. */
export class TextFault extends Error {
  override name = 'TextFault'
  readonly line: number | undefined
  constructor(message: string, line?: number) {
    super(line === undefined ? message : `Line ${line}: ${message}`)
    this.line = line
  }
}

export const tags = ['if', 'unless', 'case'] as const
export const filters = ['upcase', 'downcase', 'capitalize', 'truncate', 'default'] as const

/** Characters of a text, and of what comes of it. */
const longestSource = 12_000
export const longestResult = 20_000

/** What a tenant writes sees its values and nothing else: no loop, no other template, no prototype, no file. */
const liquid = new Liquid({
  ownPropertyOnly: true,
  strictVariables: true,
  strictFilters: true,
  // An empty value counts as none in `if`.
  jsTruthy: true,
  dynamicPartials: false,
  templates: {},
  parseLimit: longestSource,
  memoryLimit: 100_000,
  renderLimit: 200,
})
// Also those that later versions bring.
for (const name of Object.keys(liquid.tags)) if (!(tags as readonly string[]).includes(name)) delete liquid.tags[name]
for (const name of Object.keys(liquid.filters)) if (!(filters as readonly string[]).includes(name)) delete liquid.filters[name]

/** Liquid to plain text; nothing is escaped here. Every failure is a TextFault. */
export function renderLiquid(source: string, values: Record<string, string>): string {
  return faultless(() => {
    const result: unknown = liquid.renderSync(parse(source), values)
    if (typeof result !== 'string' || result.length > longestResult) throw new TextFault(`It becomes longer than ${longestResult} characters.`)
    return result
  })
}

/** Variables that are not among `names`, wherever they stand: also where rendering would not come by. */
export function findUnknownVariables(source: string, names: readonly string[]): TextFault[] {
  return faultless(() => {
    const { globals } = liquid.analyzeSync(parse(source), { partials: false })
    return Object.entries(globals)
      .filter(([name]) => !names.includes(name))
      .map(([name, [first]]) => unknownVariable(name, first?.location.row))
  })
}

function parse(source: string): Template[] {
  if (source.length > longestSource) throw new TextFault(`It is longer than ${longestSource} characters.`)
  return liquid.parse(source)
}

function faultless<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw error instanceof TextFault ? error : asFault(error)
  }
}

/** Liquid's messages repeat the text; ours tell what to do about it. */
const meanings: readonly [pattern: RegExp, says: (name: string) => string][] = [
  [/^undefined filter: (\w{1,40})/, (name) => `There is no filter "${name}" here, only ${filters.join(', ')}.`],
  [/^tag "?(\w{1,40})"? not found/, (name) => `There is no tag "${name}" here, only ${tags.join(', ')}.`],
  [/not closed/, () => 'Something that is opened here is never closed.'],
  [/limit exceeded|call stack/, () => 'This is too much for one mail.'],
]

function asFault(error: unknown): TextFault {
  const { message, line } = readError(error)
  const variable = /^undefined variable: ([\w.-]{1,60})/.exec(message)?.[1]
  if (variable) return unknownVariable(variable, line)
  for (const [pattern, says] of meanings) {
    const found = pattern.exec(message)
    if (found) return new TextFault(says(found[1] ?? ''), line)
  }
  return new TextFault('This is no valid Liquid.', line)
}

function unknownVariable(name: string, line?: number): TextFault {
  return new TextFault(`There is no variable "${name.slice(0, 60)}" here.`, line)
}

function readError(error: unknown): { message: string; line: number | undefined } {
  if (!LiquidError.is(error)) return { message: error instanceof Error ? error.message : '', line: undefined }
  const { message, originalError, token } = error as LiquidError
  return { message: originalError?.message ?? message, line: token.getPosition()[0] }
}
