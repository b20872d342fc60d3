import type { IconName } from './icons.ts'

export type PageName =
  | 'home'
  | 'board'
  | 'proposals'
  | 'inbox'
  | 'schedules'
  | 'alerts'
  | 'report'
  | 'search'
  | 'settings'

export type NavEntry = {
  id: PageName
  href: string
  label: string
  icon: IconName
  /** Comes after g. */
  key?: string
  /** A phone has no room for it. */
  isMinor?: true
}

/** The pages beside every page. */
export const nav: NavEntry[] = [
  { id: 'home', href: '/', label: 'Home', icon: 'home', key: 'h' },
  { id: 'board', href: '/board', label: 'Board', icon: 'board', key: 'b' },
  { id: 'proposals', href: '/proposals', label: 'Proposals', icon: 'proposals', key: 'p' },
  { id: 'inbox', href: '/inbox', label: 'Inbox', icon: 'inbox', key: 'i' },
  { id: 'schedules', href: '/schedules', label: 'Schedules', icon: 'schedules', key: 's' },
  { id: 'alerts', href: '/alerts', label: 'Alerts', icon: 'alerts', key: 'a' },
  { id: 'report', href: '/report', label: 'Week', icon: 'report', key: 'r', isMinor: true },
  { id: 'settings', href: '/settings', label: 'Settings', icon: 'settings' },
]
