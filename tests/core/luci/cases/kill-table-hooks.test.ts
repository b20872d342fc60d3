import { tryKills } from './kill-table.ts'

tryKills('hooks and transcript')
