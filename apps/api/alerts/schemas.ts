import { channelNames } from '@mc/core/alerts/channel.ts'
import { Type } from 'typebox'
import { AlertShape, Nullable, TicketShape } from '../schemas.ts'

const more = { additionalProperties: true }
const Text = Type.String()
const NullableText = Nullable(Text)

export const StoryShape = Type.Object(
  {
    ...AlertShape.properties,
    events: Type.Array(
      Type.Object({ at: Text, kind: Text, actor: NullableText, detail: NullableText }, more),
    ),
    deliveries: Type.Array(
      Type.Object(
        {
          message: Text,
          channel: Type.Enum(channelNames),
          state: Type.Enum(['sending', 'sent', 'failed', 'unknown']),
          at: Text,
          tries: Type.Integer(),
          repeated: Type.Boolean(),
          ref: NullableText,
          error: NullableText,
        },
        more,
      ),
    ),
  },
  more,
)

export const MuteShape = Type.Object(
  {
    id: Type.Integer(),
    fingerprint: NullableText,
    until: Text,
    reason: NullableText,
    by: Text,
    createdAt: Text,
    endedAt: NullableText,
  },
  more,
)

export const QuietShape = Type.Object(
  {
    hours: Nullable(
      Type.Object({
        from: Text,
        to: Text,
        zone: Text,
        days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 })),
      }),
    ),
    from: Type.Enum(['environment', 'person']),
    /** Set while it is quiet. */
    until: NullableText,
  },
  more,
)

const Count = Type.Object({ count: Type.Integer(), most: Type.Integer() })
export const ChannelShape = Type.Object(
  {
    name: Type.Enum(channelNames),
    label: Text,
    role: Type.Enum(['first', 'standby']),
    problem: NullableText,
    failures: Type.Integer(),
    downSince: NullableText,
    restingUntil: NullableText,
    lastSentAt: NullableText,
    lastError: NullableText,
    told: Count,
    urgent: Count,
  },
  more,
)

export const TriedShape = Type.Object(
  {
    channel: Type.Enum(channelNames),
    status: Type.Enum(['sent', 'failed']),
    ref: NullableText,
    reason: NullableText,
  },
  more,
)

export const FiledShape = Type.Object({ status: Text, ticket: TicketShape }, more)
