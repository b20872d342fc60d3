import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { RunningApp, Teardown } from '../support/app.ts'

/** What a tool gave: its text, read as JSON, which must be its structured content too. */
export type ToolAnswer = { isError: boolean; said: Record<string, unknown>; same: boolean }

export type McpClient = {
  client: Client
  call(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>
}

type Attach = {
  token?: string
  headers?: Record<string, string>
  /** Which line of the protocol the client speaks: with a handshake, or without. */
  era?: 'legacy' | { pin: string }
}

/** The SDK's own client at `/mcp`, as an agent program has it. */
export const attach = async (
  test: Teardown,
  running: Pick<RunningApp, 'url' | 'agentToken'>,
  { token = running.agentToken, headers = {}, era = 'legacy' }: Attach = {},
): Promise<McpClient> => {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: era } },
  )
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', running.url), {
    requestInit: { headers: { authorization: `Bearer ${token}`, ...headers } },
  })
  await client.connect(transport)
  test.teardown(() => client.close())
  return {
    client,
    call: async (name, args = {}) => {
      const answer = await client.callTool({ name, arguments: args })
      const [first] = answer.content
      const text = first?.type === 'text' ? first.text : ''
      const structured = JSON.stringify(answer.structuredContent)
      return {
        isError: answer.isError ?? false,
        said: JSON.parse(text) as Record<string, unknown>,
        same: text === structured,
      }
    },
  }
}
