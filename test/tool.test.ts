import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { test } from 'tap'

const why = 'no-such-tool is not installed (apt-get install no-such-tool)'
const elsewhere = 'no-such-tool or no-such-other is not installed (apt-get install no-such-tool)'

test('a test whose tool is not there is skipped, and says why', async (t) => {
  for (const [tools, reason] of [
    [['no-such-tool'], why],
    [['no-such-tool', 'no-such-other'], elsewhere],
  ] as const) {
    const { code, said } = await runNeeding(tools)
    t.equal(code, 0)
    t.match(said, `    ok 1 - ${reason} # SKIP ${reason}\n`)
    t.notMatch(said, /not ok|it has what it needs/)
  }
})

test('with TEST_REQUIRE_TOOLS=1 it fails, and says why; with any other value it does not', async (t) => {
  const { code, said } = await runNeeding(['no-such-tool'], { TEST_REQUIRE_TOOLS: '1' })
  t.equal(code, 1)
  t.match(said, `    not ok 1 - ${why}\n`)
  t.notMatch(said, /# SKIP|it has what it needs/)
  t.equal((await runNeeding(['no-such-tool'], { TEST_REQUIRE_TOOLS: '0' })).code, 0)
})

test('where one of the tools is there the test runs, with and without', async (t) => {
  for (const env of [{}, { TEST_REQUIRE_TOOLS: '1' }]) {
    const { code, said } = await runNeeding(['no-such-tool', 'sh'], env)
    t.equal(code, 0)
    t.match(said, /^ {4}ok 1 - it has what it needs/m)
    t.notMatch(said, /# SKIP|not ok/)
  }
})

/** A file of tests with one that needs a tool, run by itself. */
async function runNeeding(tools: readonly string[], env: Record<string, string> = {}) {
  const file = `
    import t from 'tap'
    import { requireTool } from './test/tool.ts'
    t.test('needs a tool', async (t) => {
      if (requireTool(t, ...${JSON.stringify(tools)})) t.pass('it has what it needs')
    })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', file], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said, code] = await Promise.all([text(child.stdout), new Promise((ended) => child.once('exit', ended))])
  return { code, said }
}
