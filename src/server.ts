import { loadConfig } from './config.ts'
import { exitWith, startService, stopOnSignals } from './start-service.ts'

start().catch(exitWith)

/** The HTTP process. Outside production it brings the database and keys that the environment does not name. */
async function start(): Promise<void> {
  const embedded = process.env.NODE_ENV === 'production' ? undefined : await provideEmbedded()
  try {
    const service = await startService(loadConfig(embedded?.env ?? process.env))
    stopOnSignals(async () => {
      await service.stop()
      await embedded?.stop()
    })
  } catch (error) {
    await embedded?.stop()
    throw error
  }
}

async function provideEmbedded() {
  const { provideEmbedded } = await import('./embedded/environment.ts')
  return provideEmbedded(process.env, (line) => console.log(line))
}
