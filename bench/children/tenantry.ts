import { loadConfig } from '../../src/config.ts'
import { startService } from '../../src/start-service.ts'
import { answerParent, processorTime } from './answer-parent.ts'

/** The service as src/server.ts runs it, without the limits on sign-ins per address and on refreshes per session: the whole load comes from few. */
const service = await startService(loadConfig(process.env), { limits: { signIns: { take: () => 0 }, refreshes: { take: () => 0 } } })

answerParent({
  port: () => service.port,
  processorTime,
  stop: () => service.stop(),
})
