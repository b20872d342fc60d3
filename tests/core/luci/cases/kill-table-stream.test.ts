import { tryKills } from './kill-table.ts'

tryKills('the stream of a plain program')
