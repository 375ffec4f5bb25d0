import { type CommandNode, flatten } from '../command-tree.ts'
import type { Shell } from './shells.ts'

/**
 * Made of the commands themselves, so that it knows what this release knows. Names, options and their choices; never slugs or addresses, for which a
 * shell would have to ask the database at each key.
 */
export function writeCompletion(shell: Shell, program: CommandNode): string {
  const nodes = flatten(program)
  return { bash: writeBash, zsh: writeZsh, fish: writeFish }[shell](nodes)
}

/** Walks along the words so far: how far they name a command is what `line` holds then. */
function walk(nodes: readonly CommandNode[], { from, words, upTo }: { from: number; words: string; upTo: string }): string {
  const known = nodes.filter(({ path }) => path.length > 0).map(pattern)
  return `  local line="" word previous="" at
  for ((at = ${from}; at < ${upTo}; at++)); do
    word="\${${words}[at]}"
    previous="$word"
    case "$line $word" in
      ${known.join(' | ')}) line="$line $word" ;;
    esac
  done`
}

function writeBash(nodes: readonly CommandNode[]): string {
  return `# tenantry completion bash: put  eval "$(tenantry completion bash)"  into ~/.bashrc
_tenantry() {
${walk(nodes, { from: 1, words: 'COMP_WORDS', upTo: 'COMP_CWORD' })}
  local words=""
  case "$line $previous" in
${choiceCases(nodes, (choices) => `words="${choices.join(' ')}"`)}
    *)
      case "$line" in
${nodes.map((node) => `        ${pattern(node)}) words="${wordsOf(node).join(' ')}" ;;`).join('\n')}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _tenantry tenantry
`
}

function writeZsh(nodes: readonly CommandNode[]): string {
  const described = (node: CommandNode) => [
    ...node.children.map(({ path, description }) => quoted(`${path.at(-1)}:${description}`)),
    ...node.options.map(({ long, description }) => quoted(`${long}:${description}`)),
  ]
  return `#compdef tenantry
# tenantry completion zsh: put  eval "$(tenantry completion zsh)"  into ~/.zshrc, after compinit
_tenantry() {
${walk(nodes, { from: 2, words: 'words', upTo: 'CURRENT' })}
  local -a found
  case "$line $previous" in
${choiceCases(nodes, (choices) => `found=(${choices.map(quoted).join(' ')})`)}
    *)
      case "$line" in
${nodes.map((node) => `        ${pattern(node)}) found=(${described(node).join(' ')}) ;;`).join('\n')}
      esac
      ;;
  esac
  _describe tenantry found
}
compdef _tenantry tenantry
`
}

function writeFish(nodes: readonly CommandNode[]): string {
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')))
  const lines = nodes.flatMap((node) => {
    const here = `complete -c tenantry -f -n ${quoted(`test (__tenantry_line) = "${node.path.join(' ')}"`)}`
    return [
      ...node.children.map(({ path, description }) => `${here} -a ${path.at(-1)} -d ${quoted(description)}`),
      ...node.options.map(({ long, description, takesValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -x' : ''
        return `${here} -l ${long.slice(2)}${value} -d ${quoted(description)}`
      }),
    ]
  })
  return `# tenantry completion fish: put  tenantry completion fish | source  into ~/.config/fish/config.fish
function __tenantry_line
  set -l line
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim -- "$line $word")
    contains -- $longer ${known.join(' ')}; and set line $longer
  end
  echo "$line"
end
complete -c tenantry -f
${lines.join('\n')}
`
}

/** Where an option takes one of a few words, those. */
function choiceCases(nodes: readonly CommandNode[], found: (choices: readonly string[]) => string): string {
  return nodes
    .flatMap((node) => node.options.filter(({ choices }) => choices.length > 0).map(({ long, choices }) => ({ node, long, choices })))
    .map(({ node, long, choices }) => `    "${lineOf(node)} ${long}") ${found(choices)} ;;`)
    .join('\n')
}

function wordsOf({ children, options }: CommandNode): string[] {
  return [...children.map(({ path }) => path.at(-1) ?? ''), ...options.map(({ long }) => long), '--help']
}

function lineOf({ path }: CommandNode): string {
  return path.map((word) => ` ${word}`).join('')
}

function pattern(node: CommandNode): string {
  return `"${lineOf(node)}"`
}

/** Within single quotes nothing means anything but they themselves; `:` parts names from descriptions for zsh alone. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`
}
