import type { Home, Place } from './home.ts'

/**
 * Gemini CLI with a key in its own `.env`, the folder trusted, updates and statistics off. The
 * attempts are those of a headless run: its TUI asks a failing model again without end.
 */
export const gemini: Home = {
  files: ({ modelUrl, cwd, strange }: Place) => ({
    '.gemini/settings.json': {
      general: {
        disableAutoUpdate: true,
        disableUpdateNag: true,
        enableAutoUpdate: false,
        maxAttempts: 2,
      },
      security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: true } },
      telemetry: { enabled: false },
      privacy: { usageStatisticsEnabled: false },
      model: { name: 'gemini-scripted' },
      ui: { hideTips: true },
    },
    '.gemini/trustedFolders.json': strange ? {} : { [cwd]: 'TRUST_FOLDER' },
    '.gemini/.env': Object.entries(variables({ modelUrl }))
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  }),
  fresh: (place) => variables(place),
}

const variables = ({ modelUrl }: Pick<Place, 'modelUrl'>): Record<string, string> => ({
  GOOGLE_GEMINI_BASE_URL: modelUrl,
  GEMINI_API_KEY: 'scripted',
})
