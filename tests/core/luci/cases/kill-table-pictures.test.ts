import { tryKills } from './kill-table.ts'

// Pictures take long silences to be sure of: two desks a file, so that neither waits for the other.
tryKills('the pictures of a full-screen program', ['api', 'client'])
