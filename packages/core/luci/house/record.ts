import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const turn = Type.Union([Type.String(), Type.Null()])

/** A line of the house responder's record. `turn` is null for what was typed by hand. */
const HouseRecord = Type.Union([
  /** It waits for input. */
  Type.Object({ type: Type.Literal('ready'), pid: Type.Integer() }),
  Type.Object({ type: Type.Literal('received'), turn, text: Type.String() }),
  /** A piece of the reply, as it is shown. */
  Type.Object({ type: Type.Literal('text'), turn, text: Type.String() }),
  /** The whole reply: the record that counts. */
  Type.Object({ type: Type.Literal('answered'), turn, reply: Type.String() }),
  Type.Object({ type: Type.Literal('interrupted'), turn, reply: Type.String() }),
])
export type HouseRecord = Static<typeof HouseRecord>

/** Null for a line that is none of ours: half written by a crash, or another version's. */
export const parseRecord = (line: string): HouseRecord | null => {
  try {
    const value: unknown = JSON.parse(line)
    return Value.Check(HouseRecord, value) ? value : null
  } catch {
    return null
  }
}
