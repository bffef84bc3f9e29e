import { pino } from 'pino';
import { startTestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import type { Timings } from '../../src/lib/timings.ts';
import { type Answer, startApplication } from './startApplication.ts';
import { startController } from './startController.ts';

export const KEY = 'the-key-of-the-frontend';

/** A cloud, a controller with authentication, and an application that runs in each of its workbenches. */
export async function startWorkbenches(
  environment: Readonly<Record<string, string>> = {},
  pace: Partial<Timings> = {},
  answer?: Answer,
) {
  const { seen, runtime, close } = await startApplication(answer);
  const test = await startTestCloud({ runtime });
  const log: string[] = [];
  const controller = await startController(
    test.cloud.url,
    { RESTAPI_AUTH_STATIC_KEY: KEY, ...environment },
    { pace, logger: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }) },
  );

  async function call(method: string, path: string, body?: object, key = KEY) {
    const response = await fetch(`${controller.url}${path}`, {
      method,
      headers: {
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      body: body ? JSON.stringify(body) : null,
    });
    const { item, error } = (await response.json()) as { item?: Record<string, string>; error?: { code: string } };
    return { status: response.status, item: item ?? {}, code: error?.code };
  }

  return {
    ...test,
    runtime,
    url: controller.url,
    seen,
    log,
    call,
    /** @returns the id of a workbench that runs */
    async create(user: string): Promise<string> {
      const { item } = await call('POST', `/workbenches?user_id=${user}`);
      const wid = String(item['workbench_id']);
      for (let status = ''; status !== 'running'; ) {
        status = String((await call('GET', `/workbenches/${wid}?user_id=${user}&wait=5`)).item['status']);
      }
      return wid;
    },
    open: (wid: string, user: string, body?: object) => call('POST', `/workbenches/${wid}/open?user_id=${user}`, body),
    async [Symbol.asyncDispose]() {
      await controller.close();
      await test[Symbol.asyncDispose]();
      close();
    },
  };
}

export type Workbenches = Awaited<ReturnType<typeof startWorkbenches>>;
