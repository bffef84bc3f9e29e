export type CallAnswer = Readonly<{
  status: number;
  retryAfter: number;
  /** How long it took. */
  milliseconds: number;
  item: Readonly<{ workbench_id: string; status: string }> | undefined;
  items: readonly Readonly<{ workbench_id: string; status: string }>[];
  code: string | undefined;
}>;

/** One call of a user to a controller, with all that a test wants to know of the answer. */
export async function callController(
  url: string,
  method: string,
  path: string,
  options: Readonly<{ user?: string; key?: string; body?: object }> = {},
): Promise<CallAnswer> {
  const { user = 'ann', key, body } = options;
  const started = performance.now();
  const answer = await fetch(`${url}/workbenches${path}?user_id=${user}`, {
    method,
    headers: {
      // A kept connection may be closed for its idleness in the moment in which it is used again.
      Connection: 'close',
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  });
  const content = (await answer.json()) as {
    item?: CallAnswer['item'];
    items?: CallAnswer['items'];
    error?: { code: string };
  };
  return {
    status: answer.status,
    retryAfter: Number(answer.headers.get('retry-after') ?? 0),
    milliseconds: performance.now() - started,
    item: content.item,
    items: content.items ?? [],
    code: content.error?.code,
  };
}
