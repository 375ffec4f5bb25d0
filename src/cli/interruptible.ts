/** Ctrl-C and SIGTERM end the work through a signal, so that it can tidy up behind itself. `words` are true of it where that signal is all that ended it. */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  words = 'Stopped, and nothing of it was kept.',
): Promise<Result> {
  const controller = new AbortController()
  const stop = () => controller.abort(new Error('Stopped.'))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop)
  try {
    return await work(controller.signal)
  } catch (error) {
    throw controller.signal.aborted ? told(error, controller.signal.reason, words) : error
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop)
  }
}

/** What failed after the signal, the tidying up above all, must not go under in it. */
function told(error: unknown, reason: Error, words: string): Error {
  // Streams say it in words of their own.
  if (error === reason || (error instanceof Error && error.name === 'AbortError')) return new Error(words, { cause: error })
  const said = error instanceof Error ? error.message : String(error)
  return new Error(said.startsWith(reason.message) ? said : `${reason.message}\n${said}`, { cause: error })
}
