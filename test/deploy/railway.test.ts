import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { root } from '../house/import-graph.ts'

/** What https://docs.railway.com/config-as-code/reference lists, as far as we use it. Its examples have strings for seconds; its parser takes numbers alone. */
const strict = { additionalProperties: false }
const RailwayFile = Type.Object(
  {
    $schema: Type.Literal('https://railway.com/railway.schema.json'),
    // Without watchPatterns, which would pass over a release in silence.
    build: Type.Object({ builder: Type.Enum(['RAILPACK', 'DOCKERFILE']), dockerfilePath: Type.String() }, strict),
    deploy: Type.Object(
      {
        preDeployCommand: Type.Array(Type.String(), { maxItems: 1 }),
        startCommand: Type.String(),
        healthcheckPath: Type.String({ pattern: '^/' }),
        healthcheckTimeout: Type.Integer(),
        overlapSeconds: Type.Integer(),
        drainingSeconds: Type.Integer(),
        restartPolicyType: Type.Enum(['ON_FAILURE', 'ALWAYS', 'NEVER']),
        restartPolicyMaxRetries: Type.Integer(),
      },
      strict,
    ),
  },
  strict,
)

test('railway.json has fields that Railway takes, in its types, and gives a copy more time than it needs', async (t) => {
  const file = JSON.parse(await readFile(join(root, 'railway.json'), 'utf8'))
  t.same([...Value.Errors(RailwayFile, file)], [])
  t.notOk(Value.Check(RailwayFile, { ...file, deploy: { ...file.deploy, drainSeconds: 1 } }), 'control')
  t.match(file.build, { builder: 'DOCKERFILE', dockerfilePath: 'Dockerfile' })
  t.match(file.deploy, { preDeployCommand: ['node src/cli.ts migrate'], startCommand: 'node src/server.ts', healthcheckPath: '/readyz' })
  t.ok(file.deploy.drainingSeconds > 23, 'STOP_DELAY_SECONDS and the hard stop')
})
