import { loadConfig } from '../../src/config.ts'
import { startService } from '../../src/start-service.ts'
import { answerParent, processorTime } from './answer-parent.ts'

/** The service as src/server.ts runs it, without the limit on sign-ins per address: the whole load comes from one. */
const service = await startService(loadConfig(process.env), { limits: { signIns: { take: () => 0 } } })

answerParent({
  port: () => service.port,
  processorTime,
  stop: () => service.stop(),
})
