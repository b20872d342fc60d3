import type { Entries } from './entry.ts'

/** Scheduled tasks and their runs. */
export const tasks: Entries = {
  'GET /api/v1/tasks': {
    id: 'listTasks',
    tag: 'tasks',
    summary: 'Scheduled tasks, by name',
  },
  'GET /api/v1/tasks/:id': { id: 'showTask', tag: 'tasks', summary: 'One task' },
  'POST /api/v1/tasks/:id/run': {
    id: 'runTask',
    tag: 'tasks',
    summary: 'Run a task now',
    about: 'The scheduler starts it when it sees the request, a moment later.',
  },
  'POST /api/v1/tasks/:id/pause': {
    id: 'pauseTask',
    tag: 'tasks',
    summary: 'Pause a task',
    about: 'Its fires are passed over and recorded, until it is resumed or the time given.',
    body: { reason: 'The NAS is being moved', until: '2h' },
  },
  'POST /api/v1/tasks/:id/resume': { id: 'resumeTask', tag: 'tasks', summary: 'Resume a task' },
  'POST /api/v1/tasks/pause': {
    id: 'pauseAllTasks',
    tag: 'tasks',
    summary: 'Pause all tasks together',
    body: { reason: 'Maintenance', until: '2h' },
    answer: {
      at: '2026-03-02T10:00:00.000Z',
      until: '2026-03-02T12:00:00.000Z',
      reason: 'Maintenance',
      by: 'person',
    },
  },
  'POST /api/v1/tasks/resume': {
    id: 'resumeAllTasks',
    tag: 'tasks',
    summary: 'Resume what was paused together',
    answer: { resumed: true },
  },
  'GET /api/v1/runs': {
    id: 'listRuns',
    tag: 'tasks',
    summary: 'Runs, newest first',
  },
  'GET /api/v1/runs/:id': { id: 'showRun', tag: 'tasks', summary: 'One run' },
  'GET /api/v1/runs/:id/log': {
    id: 'readRunLog',
    tag: 'tasks',
    summary: 'A part of what a run said',
    about: 'From a byte on, 256 KiB at most; ask again from `to` until `ended`.',
    answer: { text: 'done\n', from: 0, to: 5, size: 5, ended: true },
  },
  'GET /api/v1/runs/:id/log/file': {
    id: 'downloadRunLog',
    tag: 'tasks',
    summary: 'The whole log as a file',
    answer: 'done\n',
  },
  'GET /api/v1/runs/:id/log/events': {
    id: 'followRunLog',
    tag: 'tasks',
    summary: 'What a run says, as it says it (server-sent events)',
    answer: 'id: 5\nevent: text\ndata: {"text":"done\\n"}\n\n',
  },
  'GET /api/tasks.schema.json': {
    id: 'tasksFileSchema',
    tag: 'tasks',
    summary: 'The JSON Schema of the tasks file, for editors',
    answer: { $schema: 'https://json-schema.org/draft/2020-12/schema' },
  },
}
