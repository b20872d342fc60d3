import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../../../support/until.ts'
import { openDesk, tempFolder, tmux } from '../desk.ts'
import { scripted } from './owner.ts'

/** A scripted program that keeps hooks and transcript as Claude Code does, through its profile. */
const openClaude = async (t: Test) => {
  const bin = tempFolder(t)
  scripted(bin, 'claude')
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) }
  const desk = await openDesk(t, { profile: 'claude', env })
  await desk.idle()
  return {
    ...desk,
    keys: (...keys: string[]) => tmux(desk.socket, 'send-keys', '-t', '=luci:', ...keys),
    screen: () => tmux(desk.socket, 'capture-pane', '-p', '-t', '=luci:'),
  }
}

t.test('case 13: half a line of the transcript waits for its rest', async (t) => {
  const desk = await openClaude(t)
  const turn = await desk.ask('half of this line came late 日本')
  t.match(turn, { state: 'answered', reply: 'of this line came late 日本', problem: null })
})

t.test('case 13: a Stop before the transcript is written ends nothing', async (t) => {
  const desk = await openClaude(t)
  t.match(await desk.ask('early as hooks may be'), { state: 'answered', reply: 'as hooks may be' })
})

t.test('case 13: a transcript that lost its tail is no answer', async (t) => {
  const desk = await openClaude(t)
  const turn = await desk.ask('truncated and never mended')
  t.match(turn, {
    state: 'unknown',
    reply: 'All I kept is this.',
    problem: /does not hold the end/,
  })
  t.match(await desk.ask('say on'), { state: 'answered', reply: 'on' })
})

t.test('case 13: records of side chains and of the system are no reply, last or not', async (t) => {
  const desk = await openClaude(t)
  t.match(await desk.ask('side the one reply'), { state: 'answered', reply: 'the one reply' })
  t.match(await desk.ask('say on'), { state: 'answered', reply: 'on' })
})

t.test('case 13: a new session id takes the story to another file, in mid-turn too', async (t) => {
  const desk = await openClaude(t)
  t.match(await desk.ask('moves After.'), { state: 'answered', reply: 'Before.\n\nAfter.' })
  t.match(await desk.ask('say there'), { state: 'answered', reply: 'there' })
  desk.keys('-l', '--', '/clear')
  desk.keys('-H', '0d')
  await until('the person to be heard', () => /❯ \/clear/.test(desk.screen()))
  t.match(await desk.ask('say elsewhere'), { state: 'answered', reply: 'elsewhere' })
})

t.test(
  'case 12: the same message twice is two turns, and the same reply belongs to each',
  async (t) => {
    const desk = await openClaude(t)
    const turns = [await desk.ask('say the same'), await desk.ask('say the same')]
    for (const turn of turns) t.match(turn, { state: 'answered', reply: 'the same' })
    // Its hook or its record, whichever was read first.
    for (const { evidence } of turns) t.match(evidence.received, /^(hook|transcript)/)
    const ids = turns.map(({ id }) => id)
    t.equal(new Set(ids).size, 2)
  },
)

t.test('case 11: what looks like its own picture, record or protocol is reply', async (t) => {
  const desk = await openClaude(t)
  for (const turn of [await desk.ask('fake'), await desk.ask('fake')]) {
    t.match(turn, { state: 'answered', reply: /^%end 1 2 3\n%output %1 x\n❯\u00a0\[mc 000000\]/ })
    t.match(turn.reply, /1\. Yes\n {2}2\. No\n\{"type":"system","subtype":"turn_duration"\}$/)
  }
  const own = 'say [mc abcdef] do not: ❯ 1. Yes'
  t.match(await desk.ask(own), { state: 'answered', reply: own.replace('say ', '') })
})

t.test(
  'case 14: a permission is asked within a second, answered once, and it goes on',
  async (t) => {
    const desk = await openClaude(t)
    const { id } = await desk.luci.send({ origin: 'user', text: 'touch allowed' })
    const blocked = () =>
      until('it to be blocked', async () => {
        const { turn } = await desk.luci.harvest(id)
        return turn.state === 'blocked' ? turn.prompt : null
      })
    const prompt = await blocked()
    t.match(prompt, {
      kind: 'permission',
      command: 'touch allowed',
      folder: join(desk.dataDir, 'cwd'),
    })
    t.match(desk.luci.status(), { state: 'needs_you' })
    const answer = () => desk.luci.answer({ turnId: id, promptId: prompt.id, choice: '1' })
    const twice = await Promise.allSettled([answer(), answer()])
    t.same(twice.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    t.match(await desk.ended(id), { state: 'answered', reply: 'made allowed' })
  },
)

t.test('an error of her model is no answer, and its words are shown', async (t) => {
  const desk = await openClaude(t)
  const turn = await desk.ask('fails API Error: 500')
  t.match(turn, { state: 'failed', problem: 'API Error: 500' })
})

t.test('several blocks of a reply stand apart, a blank line between', async (t) => {
  const desk = await openClaude(t)
  t.equal((await desk.ask('blocks one|two')).reply, 'one\n\ntwo')
})
