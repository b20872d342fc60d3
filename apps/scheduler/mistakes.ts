import { expected, kindOf, type Path } from '@mc/core/edited-file/mistakes.ts'
import { createShapeCheck } from '@mc/core/edited-file/shape.ts'

/** Where a task keeps its secrets: of what stands there only the kind is told. */
export const mayHoldSecrets = (path: Path): boolean =>
  path[0] === 'tasks' &&
  (path[2] === 'env' ||
    (path[2] === 'http' && (path.length === 3 || path[3] === 'headers' || path[3] === 'body')))

export const expectedAt = (path: Path, what: string, value: unknown): string =>
  mayHoldSecrets(path) ? `expected ${what}, got ${kindOf(value)}` : expected(what, value)

export const whose = (path: Path): string =>
  path[0] !== 'tasks'
    ? path.map(String).join('.')
    : path.length <= 2
      ? 'a task'
      : path.slice(2).map(String).join('.')

/** Whether a piece of the tasks file has the shape it should. */
export const checkShape = createShapeCheck({ whose, mayHoldSecrets })
