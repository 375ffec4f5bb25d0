import { createBoundedQueue } from '../../security/bounded-queue.ts'
import { clientNetwork } from '../../security/client-network.ts'

/** Of one network, in this process. A page of many pictures asks for all of them at once: they wait rather than fail. */
const limits = { concurrency: 32, queue: 256 }

const networks = new Map<string, { enter: ReturnType<typeof createBoundedQueue>; callers: number }>()

/**
 * Waits until the caller's network may be sent one more object, and answers what ends that: visitors who read slowly hold files and connections of the
 * storage, and would otherwise hold all of them. 503 OVERLOADED where too many of one network wait.
 */
export function openDelivery(ip: string): Promise<() => void> {
  const network = clientNetwork(ip)
  const lane = networks.get(network) ?? { enter: createBoundedQueue(limits), callers: 0 }
  networks.set(network, lane)
  lane.callers++
  return new Promise((entered, refused) => {
    lane
      .enter(() => new Promise<void>((leave) => entered(leave)))
      .catch(refused)
      .finally(() => {
        if (--lane.callers === 0) networks.delete(network)
      })
  })
}
