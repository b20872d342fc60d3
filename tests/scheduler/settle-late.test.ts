import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '@mc/core/log.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTasksKeeper } from '@mc/scheduler/tasks-keeper.ts'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase } from '../support/database.ts'
import { schedulerConfig } from '../support/tasks.ts'

const file = (...tasks: string[]) =>
  `timezone: UTC\ntasks:\n${tasks.map((task) => `  - { command: [x], ${task} }\n`).join('')}`

onEachDatabase(
  'a file changed while nobody was there drops no fire of the old one untold',
  async (t, db) => {
    const clock = createTestClock('2026-03-02T10:30:00.000Z')
    const path = join(t.testdir({ 'tasks.yaml': '' }), 'tasks.yaml')
    const load = (text: string) => {
      writeFileSync(path, text)
      const config = schedulerConfig()
      return createTasksKeeper({
        db,
        clock,
        log: silentLog,
        config,
        path,
        name: 'tasks.yaml',
      }).load()
    }
    const kept = "id: kept, cron: '@hourly'"
    await load(file("id: moved, cron: '@hourly'", "id: gone, cron: '*/30 * * * *'", kept))
    clock.set(new Date('2026-03-02T13:10:00.000Z'))
    await load(file("id: moved, cron: '30 * * * *'", kept))
    const runs = await createRuns(db, clock).list()
    t.match(
      runs.sort((a, b) => ((a.taskId ?? '') < (b.taskId ?? '') ? -1 : 1)),
      [
        { taskId: 'gone', status: 'missed', slots: 5, cause: /tasks file changed/ },
        { taskId: 'moved', status: 'missed', slots: 3, firstSlot: '2026-03-02T11:00:00.000Z' },
      ],
    )
    t.equal(runs.length, 2, 'the one that stayed as it is can still be made up for')
    t.match(await createTasks(db, clock).get('kept'), { nextRunAt: '2026-03-02T11:00:00.000Z' })
  },
)
