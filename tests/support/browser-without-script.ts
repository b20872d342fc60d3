/** A browser that runs no script: follows links, keeps cookies, submits the composer's form. */
export const openPlainBrowser = (url: string) => {
  const cookies = new Map<string, string>()
  const keep = (response: Response) => {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const at = pair.indexOf('=')
      cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }
  const ask = async (path: string, init: RequestInit = {}) =>
    keep(
      await fetch(new URL(path, url), {
        ...init,
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...init.headers,
        },
      }),
    )
  const page = async (path: string): Promise<string> => {
    const response = await ask(path)
    const to = response.headers.get('location')
    return to ? page(to) : response.text()
  }
  return {
    page,
    /** Submits the composer and returns the page it leads to. */
    async compose(fields: { mode: string; text: string }): Promise<string> {
      const csrf = /name="_csrf" value="([^"]+)"/.exec(await page('/'))?.[1] ?? ''
      const response = await ask('/api/v1/session_start', {
        method: 'POST',
        headers: { origin: new URL(url).origin },
        body: new URLSearchParams({ ...fields, _csrf: csrf, _back: '/' }),
      })
      return page(response.headers.get('location') ?? '/')
    },
  }
}
