import type { Home, Place } from './home.ts'

/** Codex with a provider of the person's own: the scripted model over the Responses API. */
export const codex: Home = {
  files: ({ modelUrl, cwd, strange }: Place) => ({
    '.codex/config.toml': `model = "scripted"
model_provider = "loopback"
model_context_window = 200000
${strange ? '' : settled}check_for_update_on_startup = false

[model_providers.loopback]
name = "loopback"
base_url = ${text(`${modelUrl}/v1`)}
wire_api = "responses"
experimental_bearer_token = "scripted"
request_max_retries = 2
stream_max_retries = 2

${strange ? '' : `[projects.${text(cwd)}]\ntrust_level = "trusted"\n`}
[analytics]
enabled = false

[feedback]
enabled = false
`,
  }),
  fresh: (place) => variables(place),
}

/** What a person answers when Codex asks how much it may do. */
const settled = `approval_policy = "on-request"
sandbox_mode = "workspace-write"
`

const variables = ({ modelUrl }: Pick<Place, 'modelUrl'>): Record<string, string> => ({
  OPENAI_BASE_URL: `${modelUrl}/v1`,
})

/** A TOML basic string; JSON's escapes are among its own. */
const text = (value: string): string => JSON.stringify(value)
