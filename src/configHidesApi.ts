/** The first parts of the API's paths, those of the next releases too. */
const apiRoots: ReadonlySet<string> = new Set(
  'workbenches,healthz,readyz,me,events,profiles,limits,openapi.json,docs,console,auth'.split(','),
);

/** Whether the gateway would take requests that are for the API; at the root of the host it takes ids alone. */
export function hidesApi(basePath: string, prefix: string): boolean {
  if (basePath === '') return /^\/[0-9a-f]{8,40}(\/|$)/.test(prefix);
  const within = (path: string, parent: string) => `${path}/`.startsWith(`${parent}/`);
  if (within(prefix, basePath)) return true;
  const [, first] = within(basePath, prefix) ? basePath.slice(prefix.length).split('/') : [];
  return first !== undefined && apiRoots.has(first);
}
