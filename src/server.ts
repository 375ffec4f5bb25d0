import { loadConfig } from './config.ts'
import { runProcess } from './run-process.ts'
import { startService } from './start-service.ts'

/** The HTTP process. Outside production it brings the database and keys that the environment does not name. */
runProcess(async (opened) => {
  const embedded = process.env.NODE_ENV === 'production' ? undefined : await provideEmbedded()
  if (embedded) opened(embedded.stop)
  const config = loadConfig(embedded?.env ?? process.env)
  const service = await startService(config, embedded?.overrides)
  opened(service.stop, config.stopDelay)
})

async function provideEmbedded() {
  const { provideEmbedded } = await import('./embedded/environment.ts')
  return provideEmbedded(process.env, (line) => console.log(line))
}
