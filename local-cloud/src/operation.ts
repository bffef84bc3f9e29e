/**
 * One API operation of the local cloud: the request's members in, the answer's members out.
 * Throws an AwsError for whatever AWS refuses. Which protocol carried it is the front's concern.
 */
export type Operation = (input: Readonly<Record<string, unknown>>) => object | Promise<object>;

/** A service's operations by the names of its model, e.g. `RunTask`. */
export type Operations = Readonly<Record<string, Operation>>;

/** Where a service keeps what survives a restart. A plain Map will do where nothing has to. */
export type Collection<V> = Pick<Map<string, V>, 'get' | 'set' | 'delete' | 'keys' | 'values' | 'size'>;
