import { tryKills } from './kill-table.ts'

tryKills('the pictures of a full-screen program', ['agent', 'tmux'])
