import type { IconName } from './icons.ts'

export type PageName =
  | 'home'
  | 'board'
  | 'inbox'
  | 'schedules'
  | 'alerts'
  | 'report'
  | 'search'
  | 'settings'

/** The pages beside every page; `key` comes after g. */
export const nav: { id: PageName; href: string; label: string; icon: IconName; key?: string }[] = [
  { id: 'home', href: '/', label: 'Home', icon: 'home', key: 'h' },
  { id: 'board', href: '/board', label: 'Board', icon: 'board', key: 'b' },
  { id: 'inbox', href: '/inbox', label: 'Inbox', icon: 'inbox', key: 'i' },
  { id: 'schedules', href: '/schedules', label: 'Schedules', icon: 'schedules', key: 's' },
  { id: 'alerts', href: '/alerts', label: 'Alerts', icon: 'alerts', key: 'a' },
  { id: 'settings', href: '/settings', label: 'Settings', icon: 'settings' },
]
