import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import pino from 'pino';
import { DockerImages } from '../../src/runtime/dockerImages.ts';
import { type PullEvent, PullProgress } from '../../src/runtime/dockerPullProgress.ts';
import { eventually } from '../support/eventually.ts';

/** What no engine does on request: it answers pulls with these events, and knows these images. */
type Script = Readonly<{
  present?: readonly string[];
  status?: number;
  events?: readonly PullEvent[];
  /** A pull ends only then. */
  ends?: () => Promise<unknown>;
}>;

let engine: Server | undefined;
const asked: string[] = [];
let looks = 0;
let log: string[] = [];

afterEach(() => {
  engine?.closeAllConnections();
  engine?.close();
  asked.length = 0;
  looks = 0;
  log = [];
});

async function images({ present = [], status = 200, events = [], ends = async () => undefined }: Script) {
  engine = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://engine');
    const image = url.searchParams.get('fromImage');
    if (image === null) {
      looks += 1;
      const name = decodeURIComponent(url.pathname.split('/images/')[1]?.replace(/\/json$/, '') ?? '');
      response.writeHead(present.includes(name) ? 200 : 404).end(JSON.stringify({ message: 'No such image' }));
      return;
    }
    asked.push(`${image}:${url.searchParams.get('tag')}`);
    response.writeHead(status);
    response.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    void ends().then(() => response.end());
  });
  engine.listen(0, '127.0.0.1');
  await once(engine, 'listening');
  const docker = new Docker({ host: '127.0.0.1', port: (engine.address() as AddressInfo).port, protocol: 'http' });
  const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(line) });
  const signal = new AbortController().signal;
  return { images: new DockerImages({ docker, logger, signal, progressEveryMs: 10 }) };
}

describe('an image', () => {
  test.each([
    ['no space left on device', 'write /var/lib/docker/tmp/GetImageBlob: no space left on device'],
    ['a name that the registry lacks', 'pull access denied for x, repository does not exist'],
  ])('whose pull ends in %s is refused in those words', async (_name, error) => {
    const { images: subject } = await images({ events: [{ status: 'Pulling from x' }, { error }] });
    await expect(subject.ensure('x:1')).rejects.toThrow(`CannotPullContainerError: ${error}`);
  });

  test('that the engine refuses at once is refused in its words, without those of the client', async () => {
    const { images: subject } = await images({ status: 500, events: [{ error: 'x' }] });
    await expect(subject.ensure('x:1')).rejects.toThrow(/^CannotPullContainerError: (?!\(HTTP)/);
  });

  test('under a tag that stays is pulled only where it is missing', async () => {
    const { images: subject } = await images({ present: ['here:1'] });
    await subject.ensure('here:1');
    await subject.ensure('there:1');
    expect(asked).toEqual(['there:1']);
  });

  test.each(['here', 'here:latest'])('named %s is pulled although it is there', async (name) => {
    const { images: subject } = await images({ present: ['here:latest'] });
    await subject.ensure(name);
    expect(asked).toEqual(['here:latest']);
  });

  test('wanted by several tasks at once is pulled once', async () => {
    const { images: subject } = await images({
      present: ['here:1'],
      ends: async () => {
        await eventually(() => looks >= 3, Boolean);
        // Once a later answer has been read, theirs have been.
        await subject.ensure('here:1');
      },
    });
    await Promise.all(['x:1', 'x:1', 'x:1'].map((name) => subject.ensure(name)));
    expect(asked).toEqual(['x:1']);
  });

  test('that takes a while says how far it is', async () => {
    const events = [
      { status: 'Pulling fs layer', id: 'a' },
      { status: 'Downloading', id: 'a', progressDetail: { current: 1_500_000, total: 3_000_000 } },
    ];
    const shown = () => log.join('').includes('"layers":"0/1","megabytes":"1.5/3.0"');
    const { images: subject } = await images({ events, ends: () => eventually(shown, Boolean) });
    await subject.ensure('x:1');
    expect(shown()).toBe(true);
    expect(log.at(-1)).toContain('image pulled');
  });
});

test('progress adds up layers, those that were there included, and not what only looks like one', () => {
  const progress = new PullProgress();
  const events: PullEvent[] = [
    { status: 'Pulling from library/x', id: 'latest' },
    { status: 'Already exists', id: 'a' },
    { status: 'Pulling fs layer', id: 'b' },
    { status: 'Downloading', id: 'b', progressDetail: { current: 10, total: 2_000_000 } },
    { status: 'Download complete', id: 'b' },
    { status: 'Extracting', id: 'b', progressDetail: { current: 5, total: 9_000_000 } },
    { status: 'Pulling fs layer', id: 'c' },
    { status: 'Downloading', id: 'c', progressDetail: { current: 500_000, total: 1_000_000 } },
    { status: 'Digest: sha256:0' },
  ];
  for (const event of events) progress.add(event);
  expect(progress.summary()).toEqual({ layers: '2/3', megabytes: '2.5/3.0' });
});
