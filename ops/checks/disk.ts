/** How full the disks of this machine's root and of the data folder are. Ends with 1 when one is too full. */
import { stat, statfs } from 'node:fs/promises'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { 'used-max': { type: 'string', default: '90' } } })
const usedMax = Number(values['used-max'])
if (!(usedMax > 0 && usedMax <= 100)) {
  console.error(`Expected --used-max to be a percentage, got "${values['used-max']}"`)
  process.exit(2)
}

const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

const devices = new Set<number>()
for (const folder of ['/', process.env.HOME ?? '/', process.env.MC_DATA_DIR ?? '.']) {
  const { dev } = await stat(folder)
  if (devices.has(dev)) continue
  devices.add(dev)
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(folder)
  // As df counts: what only root may use counts as used by nobody and free for nobody.
  const usable = blocks - bfree + bavail
  const used = usable === 0 ? 0 : Math.ceil(((blocks - bfree) / usable) * 100)
  console.log(`${folder}: ${used} % used, ${gib(bavail * bsize)} of ${gib(blocks * bsize)} free`)
  if (used > usedMax) {
    console.error(`Error: the disk of ${folder} is too full: ${used} % used, at most ${usedMax} %`)
    process.exitCode = 1
  }
  // Some file systems (btrfs, APFS) count no inodes.
  const inodes = files > 0 ? Math.ceil(((files - ffree) / files) * 100) : 0
  if (inodes > usedMax) {
    console.error(`Error: the disk of ${folder} runs out of inodes: ${inodes} % used`)
    process.exitCode = 1
  }
}
