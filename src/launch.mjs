// The one plain JavaScript file: it runs on whichever Node (20 or later) a machine has, before anything is installed. It installs what is
// missing, generates the Prisma client, builds what pages load, and hands over to the Node that package.json pins: `node src/launch.mjs <script.ts>
// [arguments]`.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [script, ...rest] = process.argv.slice(2)

process.chdir(root)
await install()
await generate()
await build()
// Node keeps what it made of each module there, types stripped: the next start takes a third of a second less.
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'), ...process.env }
if (script) process.exitCode = await run(pinnedNode(), [script, ...rest], { stdio: 'inherit', env })

async function install() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && changed(installed) >= changed(join(root, 'package-lock.json'))) return
  const npm = process.env.npm_execpath
  const [command, ...first] = npm ? [process.execPath, npm] : [process.platform === 'win32' ? 'npm.cmd' : 'npm']
  // `npm ci` where nothing is there yet: it refuses a package.json that the lock file does not know. Later only what is missing is added, also while
  // something runs on what is there. No install script is needed: the pinned Node and PostgreSQL are plain packages.
  const what = existsSync(join(root, 'node_modules')) ? ['install', '--no-save'] : ['ci']
  await step('installing packages (a minute or two, once)', command, [...first, ...what, '--ignore-scripts', '--no-audit', '--no-fund'])
}

async function generate() {
  const generated = join(root, 'src', 'db', 'generated', 'client.ts')
  const schema = join(root, 'prisma', 'schema')
  const newest = Math.max(...readdirSync(schema).map((file) => changed(join(schema, file))), changed(join(root, 'package-lock.json')))
  if (existsSync(generated) && changed(generated) >= newest) return
  const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')
  // `generate` never runs the schema engine, yet asks for its download unless some file is named. Migrations use the engine's WebAssembly build.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' }
  await step('generating the database client', pinnedNode(), [cli, 'generate'], env)
}

/** What pages load, of web/. `npm run build` is the builder itself, and builds always. */
async function build() {
  const builder = 'web/build.ts'
  if (script === builder) return
  const manifest = join(root, 'public', 'manifest.json')
  const sources = readdirSync(join(root, 'web'), { recursive: true }).map((path) => join(root, 'web', path))
  const newest = Math.max(...sources.map(changed), changed(join(root, 'package-lock.json')))
  if (existsSync(manifest) && changed(manifest) >= newest) return
  await step('building what pages load', pinnedNode(), [builder])
}

/** The package of this platform, or the machine's own Node where there is none and it is new enough to run TypeScript. */
function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const folder = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin')
  const pinned = ['node', 'node.exe'].map((name) => join(folder, name)).find((path) => existsSync(path))
  if (pinned) return pinned
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  console.error(`No Node is packaged for ${process.platform}-${process.arch}: install Node 24 or later and try again.`)
  process.exit(1)
}

async function step(what, command, args, env = process.env) {
  console.log(`  ${what} …`)
  const started = Date.now()
  const beat = setInterval(() => console.log(`    ${Math.round((Date.now() - started) / 1000)} s`), 10_000)
  let output = ''
  const code = await run(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }, (chunk) => {
    output += chunk
  })
  clearInterval(beat)
  if (code === 0) return
  console.error(output.trim().split('\n').slice(-15).join('\n'))
  console.error(`\nThis step failed: ${what}. See the lines above.`)
  process.exit(code)
}

/** Ends with the child, and hands signals on: the child decides how to stop. */
function run(command, args, options, onOutput) {
  return new Promise((ended) => {
    const child = spawn(command, args, { cwd: root, ...options })
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    const forward = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
    // npm hands SIGTERM to the shell between us, which dies of it and tells nobody: then our parent is another one.
    const parent = process.ppid
    const byNpm = process.env.npm_lifecycle_event !== undefined
    const orphaned = setInterval(() => byNpm && process.ppid !== parent && child.kill('SIGTERM'), 200).unref()
    child.on('error', (error) => {
      console.error(error.message)
      ended(1)
    })
    child.on('close', (code, signal) => {
      clearInterval(orphaned)
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward)
      ended(code ?? (signal ? 1 : 0))
    })
  })
}

function changed(path) {
  return statSync(path).mtimeMs
}
