import { loadConfig } from '../../src/config.ts'
import { startService } from '../../src/start-service.ts'
import { answerParent, processorTime } from './answer-parent.ts'

const open = { take: () => 0 }
const failedSignIns = { fail: async () => ({ wait: 0, beginsLock: false, takeBack: async () => {} }), wait: async () => 0, clear: async () => {} }

/** The service as src/server.ts runs it, without the limits that a load from one address, or one that asks for the same accounts, would meet. */
const service = await startService(loadConfig(process.env), {
  limits: { signIns: open, refreshes: open, failedSignIns, accountRequests: open, accountRequestsDaily: open, mailsSoon: open, mailsHourly: open },
})

answerParent({
  port: () => service.port,
  processorTime,
  stop: () => service.stop(),
})
