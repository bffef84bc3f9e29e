import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { findText } from './support/findText.ts';
import { instantly } from './support/instantly.ts';
import { startLocalCloud, startServer, stopEverything, temporaryFolder } from './support/startServer.ts';
import { readFileOf, saveFile, User } from './support/User.ts';

afterAll(stopEverything);

test('two controllers on one local cloud serve each other’s workbenches, and one goes on when the other is killed', async () => {
  const cwd = await temporaryFolder();
  const dir = join(cwd, 'shared');
  const cloud = await startLocalCloud(cwd, dir);
  await instantly(cloud, cloud.url);
  const environment = { WB_CLOUD: 'local', AWS_ENDPOINT_URL: cloud.url };
  const [one, other] = await Promise.all([startServer(cwd, environment), startServer(cwd, environment)]);
  const [hereUser, thereUser] = [new User(one.url, 'ann'), new User(other.url, 'ann')];

  const item = await hereUser.create();
  const id = item.workbench_id;
  const there = { ...item, public_endpoint: item.public_endpoint.replace(/:\d+/, `:${new URL(other.url).port}`) };
  await thereUser.reaches(id, 'running');
  await saveFile(there, 'a.txt', 'saved through the other');
  expect(await readFileOf(item, 'a.txt')).toBe('saved through the other');

  await thereUser.command(id, 'stop');
  await hereUser.reaches(id, 'stopped');
  await Promise.all([hereUser.command(id, 'start'), thereUser.command(id, 'start')]);
  await thereUser.reaches(id, 'running');
  const running = cloud.logged('process started').length - cloud.logged('process ended').length;
  expect(running).toBe(1);

  one.signal('SIGKILL');
  await one.exited;
  expect(await readFileOf(there, 'a.txt')).toBe('saved through the other');
  await thereUser.command(id, 'destroy');
  await thereUser.reaches(id, 'gone');
  expect(await findText(dir, 'saved through the other')).toEqual([]);

  // As `npm run` is told to end: by its id, not by the group.
  cloud.signal('SIGTERM');
  await eventually(cloud.living, ({ length }) => length === 0);
});
