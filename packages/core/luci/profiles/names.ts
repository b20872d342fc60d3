/** The programs that can be Luci. */
export const profileNames = ['house', 'generic', 'claude', 'codex', 'opencode', 'gemini'] as const
export type ProfileName = (typeof profileNames)[number]
