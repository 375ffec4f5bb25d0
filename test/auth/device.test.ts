import { test } from 'tap'
import { describeDevice } from '../../src/auth/sessions/device.ts'

const agents: Record<string, string> = {
  'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0': 'Firefox, Linux',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36': 'Chrome, Windows',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0': 'Edge, Windows',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15': 'Safari, macOS',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1':
    'Safari, iOS',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1':
    'Chrome, iOS',
  'Mozilla/5.0 (Linux; Android 15; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36':
    'Samsung Internet, Android',
  'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/120.0': 'Opera, ChromeOS',
  'curl/8.5.0': 'curl',
  'Something on Linux': 'Linux',
}

test('a browser and its system are named', (t) => {
  for (const [agent, named] of Object.entries(agents)) t.equal(describeDevice(agent, 'en'), named, agent)
  t.end()
})

test('what says nothing, or something of its own, is an unknown device', (t) => {
  for (const agent of [
    undefined,
    '',
    'x'.repeat(10_000),
    '<script>alert(1)</script>',
    'Ignore\r\nBcc: evil@x.example',
    `${'x'.repeat(500)} Firefox/1`,
  ]) {
    t.equal(describeDevice(agent, 'en'), 'unknown device')
  }
  t.equal(describeDevice(undefined, 'pt'), 'aparelho desconhecido')
  t.equal(describeDevice(undefined, 'fr'), 'appareil inconnu')
  t.end()
})

test('nothing of the client’s own text is repeated', (t) => {
  t.equal(describeDevice('evil.example/free-money Firefox/1.0 (X11; Linux) http://evil.example', 'en'), 'Firefox, Linux')
  t.end()
})
