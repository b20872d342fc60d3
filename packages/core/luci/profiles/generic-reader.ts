import { createPictureReader, type Stillness } from './picture-reader.ts'
import type { Reader } from './profile.ts'
import { createStreamReader } from './stream-reader.ts'

/** The stream, exactly, of a program that writes lines; the pictures of one that draws them. */
export const createGenericReader = (pattern: RegExp, stillness: Stillness): Reader => {
  const stream = createStreamReader(pattern)
  const picture = createPictureReader(stillness)
  let draws = false
  return {
    ...stream,
    feed: (bytes) => {
      const events = stream.feed(bytes)
      return draws ? [] : events
    },
    see: (screen, sight) => {
      draws = true
      return picture.see(screen, sight)
    },
    drawsNoMore: () => {
      draws = false
    },
    quietMs: () => (draws ? picture.quietMs() : stream.quietMs()),
    quiet: () => (draws ? picture.quiet() : stream.quiet()),
    begin: (turn, typed) => {
      stream.begin(turn, typed)
      picture.begin(turn, typed)
    },
    entered: () => {
      stream.entered()
      picture.entered()
    },
    ended: () => {
      stream.ended()
      picture.ended()
    },
    now: () => (draws ? { ready: picture.isReady(), bracketed: true, prompt: '' } : stream.now()),
  }
}
