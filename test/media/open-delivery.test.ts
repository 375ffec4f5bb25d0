import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { openDelivery } from '../../src/media/delivery/open-delivery.ts'
import { eventually } from '../eventually.ts'
import { mp4Of } from '../files/hostile-files.ts'
import { listen } from '../raw-request.ts'
import { createMediaApp } from './media-calls.ts'

const mostOpen = 32
const mostWaiting = 256

t.test('of one network so many are sent something at once, and so many wait; any more are answered 503 OVERLOADED', async (t) => {
  const leave = await Promise.all(Array.from({ length: mostOpen }, (_, at) => openDelivery(`2001:db8::${at}`)))
  const turns: number[] = []
  const waiting = Array.from({ length: mostWaiting }, async (_, at) => {
    const done = await openDelivery('2001:db8::ffff')
    turns.push(at)
    return done
  })
  await t.rejects(openDelivery('2001:db8::1'), { code: 'OVERLOADED', statusCode: 503 })
  ;(await openDelivery('2001:db8:0:1::1'))()
  t.same(turns, [], 'nobody else is kept waiting')
  leave[0]?.()
  leave[0]?.()
  await waiting[0]
  t.same(turns, [0], 'in turn, and each ends once')
  for (const done of leave) done()
  for (const turn of waiting) (await turn)()
  ;(await openDelivery('2001:db8::1'))()
})

t.test('whoever reads slowly, or goes away, holds no more than their network’s share', async (t) => {
  const { app, a, add, visit } = await createMediaApp(t, { env: { MEDIA_FILE_MB: '40', MEDIA_QUOTA_MB: '100' } })
  const film = await add({ name: 'film.mp4', bytes: mp4Of(24 * 1024 * 1024) })
  const port = await listen(app)
  let open = 0
  const { objectStorage } = app
  const { read } = objectStorage
  objectStorage.read = async (...wanted) => {
    const found = await read(...wanted)
    open++
    found?.stream.once('close', () => open--)
    return found
  }
  const sockets: Socket[] = []
  const stall = async () => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket.on('error', () => {}))
    await once(socket, 'connect')
    socket.write(`GET /media/${film.id} HTTP/1.1\r\nHost: ${a.host}\r\n\r\n`)
  }
  await Promise.all(Array.from({ length: mostOpen + 8 }, stall))
  await eventually(t, 'all of them are open', () => open === mostOpen, 10_000)
  const honest = visit(`/media/${film.id}`, { range: 'bytes=0-9' })
  t.equal((await visit('/v1/site')).statusCode, 200, 'everything else goes on')
  t.equal(open, mostOpen)
  for (const socket of sockets) socket.destroy()
  t.equal((await honest).statusCode, 206, 'those that wait have their turn')
  await eventually(t, 'nothing is held', () => open === 0, 10_000)
})
