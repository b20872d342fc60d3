import { tryKills } from './kill-table.ts'

tryKills('the house record')
