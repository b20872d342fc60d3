import type { Home, Place } from './home.ts'

const KEY = 'sk-ant-api03-scripted-model-on-loopback-0000'

/**
 * Claude Code after its first run: onboarded, folder trusted, key approved, offers declined. A
 * fresh one ends at once where api.anthropic.com cannot be reached, wherever its model is.
 */
export const claude: Home = {
  files: ({ modelUrl, cwd, strange }: Place) => ({
    '.claude.json': {
      hasCompletedOnboarding: true,
      lastOnboardingVersion: '2.1.330',
      numStartups: 20,
      theme: 'dark',
      autoUpdates: false,
      // The offer to make auto mode the default was answered with no.
      hasSeenAutoDefaultNudge: true,
      ...(strange ? {} : settled(cwd)),
    },
    '.claude/settings.json': {
      // Its own default, auto mode, asks its model instead of the person.
      permissions: { defaultMode: 'default' },
      env: {
        ...variables({ modelUrl }),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        DISABLE_TELEMETRY: '1',
        DISABLE_ERROR_REPORTING: '1',
        // Ten by default, which takes minutes.
        CLAUDE_CODE_MAX_RETRIES: '2',
      },
    },
  }),
  fresh: (place) => variables(place),
}

/** The key is approved (it remembers a key by its end), and the folder trusted. */
const settled = (cwd: string) => ({
  customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
  projects: {
    [cwd]: {
      allowedTools: [],
      hasTrustDialogAccepted: true,
      hasCompletedProjectOnboarding: true,
      projectOnboardingSeenCount: 4,
    },
  },
})

const variables = ({ modelUrl }: Pick<Place, 'modelUrl'>): Record<string, string> => ({
  ANTHROPIC_BASE_URL: modelUrl,
  ANTHROPIC_API_KEY: KEY,
})
