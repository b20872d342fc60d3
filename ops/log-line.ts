import { stripVTControlCharacters, styleText } from 'node:util'
import { plainText } from '@mc/core/redaction/plain.ts'

type Style = Parameters<typeof styleText>[0]

const levels: Record<number, { name: string; style: Style }> = {
  10: { name: 'trace', style: 'dim' },
  20: { name: 'debug', style: 'dim' },
  30: { name: 'info', style: 'green' },
  40: { name: 'warn', style: 'yellow' },
  50: { name: 'error', style: 'red' },
  60: { name: 'fatal', style: 'red' },
}

const ours = new Set(['level', 'time', 'component', 'msg', 'pid', 'hostname', 'err'])

/**
 * One line of a child's log as a person reads it: time, component, message, facts. A line that is
 * no log record (a crash's stack) stays as it is, behind its component.
 */
export const logLine = (component: string, line: string, at: Date, colour: boolean): string => {
  const record = readRecord(line)
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const time = (when: Date) => paint('dim', when.toTimeString().slice(0, 8))
  const name = paint('cyan', component.padEnd(9))
  if (!record) return `${time(at)} ${name} ${plainText(line)}`
  const level = levels[Number(record.level)]
  const loud = level && Number(record.level) !== 30 ? `${paint(level.style, level.name)} ` : ''
  const facts = Object.entries(record)
    .filter(([key]) => !ours.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
  const error = (record.err as { stack?: unknown } | undefined)?.stack
  const text = [String(record.msg ?? ''), facts && paint('dim', plainText(facts))]
  const stack = typeof error === 'string' ? `\n${plainText(error)}` : ''
  const when = typeof record.time === 'number' ? new Date(record.time) : at
  return `${time(when)} ${name} ${loud}${text.filter(Boolean).join('  ')}${stack}`
}

const readRecord = (line: string): Record<string, unknown> | null => {
  if (!line.startsWith('{')) return null
  try {
    const value = JSON.parse(stripVTControlCharacters(line)) as Record<string, unknown>
    return typeof value.msg === 'string' ? value : null
  } catch {
    return null
  }
}
