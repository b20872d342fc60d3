import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { projectRoot } from '@mc/core/environment.ts'

/** The JSON Schema of the tasks file, for editors, which do not sign in: it tells nothing of this desk. */
export const tasksSchemaRoute: FastifyPluginAsyncTypebox = async (app) => {
  const schema = await readFile(join(projectRoot, 'ops', 'tasks.schema.json'), 'utf8')
  app.get('/api/tasks.schema.json', { config: { open: true } }, async (_request, reply) =>
    reply.type('application/schema+json').send(schema),
  )
}
