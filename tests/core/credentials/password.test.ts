import { hashPassword, verifyPassword } from '@mc/core/credentials/password.ts'
import t from 'tap'

t.test('a password is known by its hash, however its letters are composed', async (t) => {
  const hash = await hashPassword('crème brûlée')
  t.ok(await verifyPassword('crème brûlée', hash))
  t.ok(await verifyPassword('crème brûlée'.normalize('NFD'), hash))
  t.notOk(await verifyPassword('creme brulee', hash))
  t.notOk(await verifyPassword('', hash))
  t.notMatch(hash, /[$"'\s]/, 'safe in a .env file')
})

t.test('what is no hash of ours opens nothing', async (t) => {
  for (const hash of ['', 'secret', 'scrypt:1024:8:1::', '$2b$10$abcdefghijklmnopqrstuv'])
    t.notOk(await verifyPassword('secret', hash), hash)
})
