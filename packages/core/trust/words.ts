import type { ActionClass } from './classes.ts'

/** How a sentence calls doing it: "closing tickets waits for you". */
export const doing: Record<ActionClass, string> = {
  file_ticket: 'filing tickets',
  delegate_low_risk: 'delegating work of low risk',
  delegate: 'delegating work',
  alert: 'alerting you',
  close: 'closing tickets',
}

/** As a heading has it. */
export const classLabels: Record<ActionClass, string> = {
  file_ticket: 'File tickets',
  delegate_low_risk: 'Delegate work of low risk',
  delegate: 'Delegate other work',
  alert: 'Alert you',
  close: 'Close tickets',
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
