import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** What every hook of Claude Code tells. Fields that it adds are nothing to us. */
const every = { session_id: Type.String(), transcript_path: Type.String(), cwd: Type.String() }
const ofPrompt = { ...every, prompt_id: Type.String() }
const ofTool = { ...ofPrompt, tool_name: Type.String(), tool_input: Type.Object({}) }

/** The hooks that our settings ask for, and what we rely on in each. */
const shapes = {
  SessionStart: Type.Object({ ...every, source: Type.String() }),
  SessionEnd: Type.Object(every),
  UserPromptSubmit: Type.Object({ ...ofPrompt, prompt: Type.String() }),
  PreToolUse: Type.Object(ofTool),
  PermissionRequest: Type.Object(ofTool),
  Stop: Type.Object({ ...ofPrompt, last_assistant_message: Type.Optional(Type.String()) }),
  StopFailure: Type.Object({ ...ofPrompt, last_assistant_message: Type.String() }),
}

export type HookName = keyof typeof shapes
export const hookNames = Object.keys(shapes) as HookName[]

export type Hook = { [Name in HookName]: { name: Name } & Static<(typeof shapes)[Name]> }[HookName]

/** `broken`: a hook of ours whose shape is not what we know; the text names the field. */
export type HookLine = Hook | { name: 'broken'; problem: string } | null

/** A line of the record. Null for what is no hook that we asked for. */
export const hookOf = (line: string): HookLine => {
  const value = json(line)
  const name = (value as { hook_event_name?: unknown } | null)?.hook_event_name as HookName
  const shape = Object.hasOwn(shapes, name ?? '') ? shapes[name] : null
  if (!shape) return null
  if (Value.Check(shape, value)) return { name, ...(value as object) } as Hook
  const [error] = Value.Errors(shape, value)
  // What a tool asks stands on the screen, too; without its hook, less is known of it.
  if (name === 'PreToolUse' || name === 'PermissionRequest') return null
  return { name: 'broken', problem: `hook ${name}${error?.instancePath ?? ''} ${error?.message}` }
}

const json = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    // Half a line, where the record was begun in the middle.
    return null
  }
}
