import type { Program } from '../programs.ts'
import type { Case } from './cases.ts'

export type Result = { outcome: 'passed' | 'failed' | 'skipped'; note: string; ms: number }

const words: Record<Result['outcome'], string> = { passed: 'yes', failed: 'NO', skipped: 'skip' }

/** Markdown: a row a case, a column a program; why something was skipped stands below. */
export const table = (
  cases: readonly Case[],
  of: ReadonlyMap<Program, ReadonlyMap<string, Result>>,
): string => {
  const programs = [...of.keys()]
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const cell = (program: Program, name: string) => {
    const result = of.get(program)?.get(name)
    if (!result) return ''
    const note = result.outcome === 'passed' && result.note ? ` (${result.note})` : ''
    return `${words[result.outcome]}${note}`.replaceAll('|', '/').replaceAll('\n', ' ')
  }
  const notes = programs.flatMap((program) =>
    [...(of.get(program) ?? [])]
      .filter(([, { outcome }]) => outcome !== 'passed')
      .map(([name, { outcome, note }]) => `${program}, ${name}: ${outcome}: ${note}`),
  )
  return [
    row(['case', ...programs]),
    row(['---', ...programs.map(() => '---')]),
    ...cases.map(({ name }) => row([name, ...programs.map((program) => cell(program, name))])),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}
