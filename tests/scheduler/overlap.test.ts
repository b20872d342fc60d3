import type { Run } from '@mc/core/runs/run.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { decideOverlap } from '@mc/scheduler/overlap.ts'
import t from 'tap'

const slot = new Date('2026-03-02T10:05:00.000Z')
const decide = (
  over: Partial<Task>,
  open: Parameters<typeof decideOverlap>[1],
  trigger: Run['trigger'] = 'schedule',
) =>
  decideOverlap({ overlap: 'skip', overlapMax: 1, catchUp: 'latest', ...over }, open, {
    trigger,
    slot,
  })

const running = {
  id: 'r',
  status: 'running',
  trigger: 'schedule',
  queuedAt: '10:00',
  startedAt: '10:01',
} as const
const queued = { ...running, id: 'q', status: 'queued', startedAt: null } as const
const caughtUp = { ...queued, id: 'c', trigger: 'catch_up' } as const

t.test('nothing open: it runs, whatever the overlap', async (t) => {
  for (const overlap of ['skip', 'queue', 'replace', 'allow'] as const)
    t.match(decide({ overlap }, []), { act: 'run', supersedes: [], replaces: false })
})

t.test('skip passes over, and says what it found', async (t) => {
  t.match(decide({}, [running]), { act: 'skip', cause: 'The run of 10:01 is still going' })
  t.match(decide({}, [queued]), { act: 'skip', cause: 'The run of 10:00 still waits for its turn' })
})

t.test('queue keeps one', async (t) => {
  t.match(decide({ overlap: 'queue' }, [running]), { act: 'run' })
  t.match(decide({ overlap: 'queue' }, [running, queued]), { act: 'skip' })
})

t.test('replace ends what runs, and takes the place of what waits', async (t) => {
  t.match(decide({ overlap: 'replace' }, [running]), { act: 'run', replaces: true, supersedes: [] })
  t.match(decide({ overlap: 'replace' }, [running, queued]), {
    act: 'run',
    replaces: true,
    supersedes: [{ id: 'q', status: 'skipped', cause: /Replaced by the fire of 2026/ }],
  })
  t.match(decide({ overlap: 'replace' }, [queued]), { act: 'run', replaces: false })
})

t.test('allow counts', async (t) => {
  const allow = { overlap: 'allow', overlapMax: 2 } as const
  t.match(decide(allow, [running]), { act: 'run' })
  t.match(decide(allow, [running, queued]), { act: 'skip' })
})

t.test('a later fire takes the place of one that waits to be made up for', async (t) => {
  t.match(decide({}, [caughtUp]), { act: 'run', supersedes: [{ id: 'c', status: 'missed' }] })
  t.match(decide({}, [running, caughtUp]), { act: 'skip', supersedes: [{ id: 'c' }] })
  t.match(decide({ catchUp: 'all' }, [caughtUp]), { act: 'run', supersedes: [] })
  t.match(decide({ catchUp: 'all' }, [running], 'catch_up'), { act: 'run' })
})

t.test('fires that come while others wait to be made up for wait behind them', async (t) => {
  const behind = [caughtUp, { ...caughtUp, id: 'd' }, queued, { ...queued, id: 'r' }]
  for (const overlap of ['skip', 'queue', 'allow'] as const)
    t.match(decide({ overlap, catchUp: 'all' }, behind), { act: 'run', supersedes: [] }, overlap)
  t.match(
    decide({ catchUp: 'all' }, [{ ...caughtUp, status: 'running' }, caughtUp]),
    { act: 'skip', supersedes: [] },
    'one that runs is a reason',
  )
  t.match(decide({ catchUp: 'all' }, [queued]), { act: 'skip' })
})

t.test('when too many wait the oldest is missed, but not what a person asked for', async (t) => {
  const many = Array.from({ length: 18 }, (_, n) => ({ ...caughtUp, id: `c${n}` }))
  const asked = { ...queued, id: 'asked', trigger: 'manual' } as const
  t.match(decide({ catchUp: 'all' }, [asked, ...many]), { act: 'run', supersedes: [] })
  const { act, supersedes } = decide({ catchUp: 'all' }, [asked, ...many, queued])
  t.equal(act, 'run')
  t.match(supersedes, [{ id: 'c0', status: 'missed' }])
  t.equal(supersedes.length, 1)
})
