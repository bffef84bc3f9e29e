/** A call as somebody would type it. */
export type Curl = Readonly<{
  method?: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: object;
}>;

/** The token itself is never shown: it is taken from the variable `TOKEN`. */
export function curlOf(root: string, needsToken: boolean, { method, path, query = {}, body }: Curl): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const search = new URLSearchParams(given).toString();
  return [
    'curl',
    ...(method ? ['-X', method] : []),
    ...(needsToken ? ['-H', '"Authorization: Bearer $TOKEN"'] : []),
    ...(body ? ['-H', quoted('Content-Type: application/json'), '-d', quoted(JSON.stringify(body))] : []),
    quoted(`${root}${path}${search && `?${search}`}`),
  ].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
