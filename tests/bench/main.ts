/** `npx -y pnpm@12 bench`: numbers as ratios against a baseline of the same run. Never a timed test. */
import { benchInbox } from './inbox.ts'
import { benchLive } from './live.ts'
import { benchLuci } from './luci.ts'
import { benchPages } from './pages.ts'
import { benchScheduler } from './scheduler.ts'

await benchInbox()
await benchLuci()
await benchLive()
await benchPages()
await benchScheduler()
