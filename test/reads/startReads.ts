import type { Logger } from 'pino';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import type { Timings } from '../../src/lib/timings.ts';
import { startController, type TestController } from '../support/startController.ts';

export type Item = Readonly<{ workbench_id: string; status: string; status_age_ms: number }>;

export type Reads = Readonly<{
  testCloud: TestCloud;
  controllers: readonly TestController[];
  /** A call to the first controller, or to another; the user is ann. */
  call(
    method: string,
    path: string,
    options?: Readonly<{ on?: number; headers?: Record<string, string> }>,
  ): Promise<Response>;
  url(path: string, on?: number): string;
  create(): Promise<Item>;
  item(id: string, on?: number): Promise<Item>;
  [Symbol.asyncDispose](): Promise<void>;
}>;

/** One or more controllers over an instant local cloud whose tasks are no processes. */
export async function startReads(
  options: Readonly<{
    controllers?: number;
    pace?: Partial<Timings>;
    environment?: Record<string, string>;
    cloud?: Parameters<typeof startTestCloud>[0];
    logger?: Logger;
  }> = {},
): Promise<Reads> {
  const testCloud = await startTestCloud(options.cloud);
  const controllers = await Promise.all(
    Array.from({ length: options.controllers ?? 1 }, () =>
      startController(testCloud.cloud.url, options.environment, {
        ...(options.pace ? { pace: options.pace } : {}),
        ...(options.logger ? { logger: options.logger } : {}),
      }),
    ),
  );
  const url = (path: string, on = 0): string =>
    `${controllers[on]?.url}/workbenches${path}${path.includes('?') ? '&' : '?'}user_id=ann`;
  const call: Reads['call'] = async (method, path, { on, headers = {} } = {}) =>
    await fetch(url(path, on), { method, headers });
  const itemOf = async (response: Response): Promise<Item> => ((await response.json()) as { item: Item }).item;
  return {
    testCloud,
    controllers,
    call,
    url,
    create: async () => await itemOf(await call('POST', '')),
    item: async (id, on) => await itemOf(await call('GET', `/${id}`, on === undefined ? {} : { on })),
    async [Symbol.asyncDispose]() {
      await Promise.all(controllers.map((controller) => controller.close()));
      await testCloud[Symbol.asyncDispose]();
    },
  };
}
