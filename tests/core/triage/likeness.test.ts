import type { Item } from '@mc/core/inbox/item.ts'
import { likenessOf } from '@mc/core/triage/likeness.ts'
import { fingerprintFor } from '@mc/core/triage/outcome.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'
import { anItem } from '../../support/items.ts'

/** A row as another program inserts it. */
const row = (message: string, over: Partial<Item> = {}) =>
  fingerprintFor(anItem({ source: 'nas', kind: null, fingerprint: null, message, ...over }))

t.test('messages about two things are two troubles', async (t) => {
  for (const [one, other] of [
    ['disk 3 is failing', 'disk 4 is failing'],
    ['disk3 is failing', 'disk4 is failing'],
    ['disk[3] is failing', 'disk[4] is failing'],
    ['version 1.05 is out', 'version 1.12 is out'],
    ['job 17 failed', 'job 18 failed'],
    ['10.0.0.1 is down', '10.0.0.2 is down'],
    ['10.0.0.1:80 is down', '10.0.0.2:80 is down'],
    ['port 8080 is closed', 'port 9090 is closed'],
    ['/dev/sda fails', '/dev/sdb fails'],
    ['https://a.example/ is down', 'https://b.example/ is down'],
    ['got HTTP 503', 'got HTTP 404'],
    ['elasticsearch_data_node3 left', 'elasticsearch_data_node4 left'],
    ['aa:bb:10:20:30:01 is new', 'aa:bb:10:20:30:02 is new'],
    ['job 17 failed', 'job 17 is done'],
    [`${'so '.repeat(1_000)}disk 3`, `${'so '.repeat(1_000)}disk 4`],
  ] as const)
    t.not(row(one), row(other), `${one.slice(-40)} / ${other.slice(-40)}`)
})

t.test('a flood that differs in when, how long and which attempt is one trouble', async (t) => {
  for (const [one, other] of [
    ['2026-03-02T10:00:00Z backup died', '2026-04-09T23:59:59.123+02:00 backup died'],
    ['2026/03/02 10:00 backup died', '2026/04/09 9:01 backup died'],
    ['02.03.2026 backup died', '9.12.2026 backup died'],
    ['Mon Mar  2 10:00:00 backup died', 'Thu Apr 19 23:59:59 backup died'],
    ['2 March 2026: backup died', '19 April 2026: backup died'],
    ['backup_2026-03-02_10-00-00.tar is empty', 'backup_2026-03-03_10-00-07.tar is empty'],
    ['died at 10:00', 'died at 23:59:59.5'],
    ['died after 3 s', 'died after 12.5 s'],
    ['died after 3s', 'died after 900ms'],
    ['died after 1 hour 2 minutes', 'died after 3 hours 40 min'],
    ['sda is 91 % full', 'sda is 99.5 % full'],
    ['2.5 GB left', '900 MiB left'],
    ['job 48213 failed', 'job 48300 failed'],
    ['cron[4711]: failed', 'cron[312]: failed'],
    ['pid 17 died', 'pid 4711 died'],
    ['commit 4be1c07 broke it', 'commit 77f0aa1 broke it'],
    ['at 0x1f', 'at 0xffee'],
    [
      'request 0f8fad5b-d9cb-469f-a165-70867728950e died',
      'request 7c9e6679-7425-40de-944b-e07fc1f90ae7 died',
    ],
    ['req_01HZX3V7QK9T8M2N4P6R5S0W1Y died', 'req_01J0A1B2C3D4E5F6G7H8J9K0MN died'],
  ] as const)
    t.equal(row(one), row(other), `${one} / ${other}`)
})

t.test('who posted it tells troubles apart, a fingerprint of its own wins', async (t) => {
  t.not(row('broken'), row('broken', { source: 'cron' }))
  t.not(row('broken'), row('broken', { sourceId: 'a' }))
  t.not(row('broken'), row('broken', { kind: 'failed' }))
  t.equal(row('disk 3', { fingerprint: 'f' }), row('disk 4', { fingerprint: 'f' }))
})

t.test('short numbers survive in whatever words they stand', async () => {
  const words = fc.stringMatching(/^[a-z]{1,8}$/)
  fc.assert(
    fc.property(words, fc.nat(9_999), fc.nat(9_999), (word, one, other) => {
      const of = (n: number) => likenessOf(`${word} ${n} is failing`)
      return word === 'pid' || (of(one) === of(other)) === (one === other)
    }),
  )
})

t.test('hostile words cannot keep it busy', async (t) => {
  for (const piece of ['1', '1.', '1,1', '10:', '1-1-', 'a1', '0x', '[1', 'Mon ', '2026-03-'])
    t.ok(likenessOf(piece.repeat(16_384)).length <= 16_384)
})
