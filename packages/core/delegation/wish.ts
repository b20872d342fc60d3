import { type Static, Type } from 'typebox'

/** How a ticket's worker shall do it; what is left out is as its ticket says. */
export const Wish = Type.Object(
  {
    folder: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_000,
        description:
          'Where it works, absolute or from the folder of all workers; left out: as the ticket says',
      }),
    ),
    review: Type.Optional(
      Type.Boolean({
        description:
          'Whether its success waits in review; else the ticket is done with it and what waits for it starts',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Wish = Static<typeof Wish>
