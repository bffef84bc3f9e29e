/** Follows redirects and keeps cookies, by host and port as far as tests tell hosts apart. */
export function createBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: URL) => {
    const jar = jars.get(url.host) ?? new Map<string, string>();
    jars.set(url.host, jar);
    return jar;
  };

  async function send(url: URL, init: RequestInit = {}): Promise<Response> {
    const cookie = [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      if (value === '') jarOf(url).delete(name);
      else jarOf(url).set(name, value);
    }
    return response;
  }

  return {
    send,
    /** Goes on until there is no redirect, or it leads to a URL that `stop` knows, which is then not asked for. */
    follow: async (start: URL, stop: (url: URL) => boolean, init?: RequestInit) => {
      let url = start;
      let response = await send(url, init);
      for (let hops = 0; hops < 20; hops += 1) {
        const location = response.headers.get('location');
        if (location === null) return { url, response };
        url = new URL(location, url);
        if (stop(url)) return { url, response };
        response = await send(url);
      }
      throw new Error(`Too many redirects, the last to ${url}`);
    },
  };
}
