import { type ChildProcess, fork, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

type Env = Record<string, string | undefined>

export interface Child {
  pid: number
  ask<T>(question: string, argument?: unknown): Promise<T>
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('..', import.meta.url))
const patience = 10_000
const running = new Set<ChildProcess>()

/** Starts a file of `children/` and waits until it can be asked. */
export async function startChild(name: string, env: Env): Promise<Child> {
  const child = fork(fileURLToPath(new URL(`children/${name}.ts`, import.meta.url)), { cwd: root, env: { ...process.env, ...env } })
  keep(child)
  const answers = answersOf(child, name)
  await answers.next()
  return {
    pid: child.pid ?? 0,
    async ask<T>(question: string, argument?: unknown) {
      child.send({ ask: question, argument })
      return (await answers.next()) as T
    },
    stop: () => stop(child),
  }
}

/** Starts a process of the project as a user would. What it prints is kept for the message when it fails. */
export function startProcess(args: string[], env: Env): { child: ChildProcess; stop(): Promise<void> } {
  return startProgram(process.execPath, args, env)
}

export function startProgram(program: string, args: string[], env: Env): { child: ChildProcess; stop(): Promise<void> } {
  const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] })
  keep(child)
  return { child, stop: () => stop(child) }
}

/** Whatever still runs, by its own id. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...running].map(stop))
}

function keep(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

/** Questions are asked one after the other, so the next message is always the answer. */
function answersOf(child: ChildProcess, name: string) {
  return {
    next: () =>
      new Promise<unknown>((done, failed) => {
        const ended = (code: number | null) => failed(new Error(`the bench's ${name} process ended (${code})`))
        child.once('exit', ended)
        child.once('message', (message: { answer?: unknown; failure?: string }) => {
          child.off('exit', ended)
          if (message.failure) failed(new Error(`the bench's ${name} process failed: ${message.failure}`))
          else done(message.answer)
        })
      }),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), patience)
  await gone
  clearTimeout(hard)
}
