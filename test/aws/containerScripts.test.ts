import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { purgeCommand, taskDefinition } from '../../src/aws/taskDefinition.ts';
import { aProfile, aWorkbench } from '../support/records.ts';

/** Root may do anything: then the scripts run as the access point's user would, so that permissions count. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

let folder: string;
let storage: string;
let outside: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'scripts-')));
  storage = join(folder, 'efs');
  outside = join(folder, 'outside');
  for (const path of [storage, outside]) mkdirSync(path);
  own(folder, storage, outside);
});

afterEach(() => {
  spawnSync('chmod', ['-R', 'u+rwX', folder]);
  rmSync(folder, { recursive: true, force: true });
});

function own(...paths: readonly string[]): void {
  if (user.uid === undefined || user.gid === undefined) return;
  for (const path of paths) chownSync(path, user.uid, user.gid);
}

function put(path: string, content = 'x'): void {
  writeFileSync(path, content);
  own(path);
}

function makeFolder(path: string): void {
  mkdirSync(path);
  own(path);
}

function run(script: readonly string[], environment: Readonly<Record<string, string>>) {
  const [text = ''] = script;
  return spawnSync('sh', ['-c', text], {
    ...user,
    cwd: folder,
    env: { PATH: process.env['PATH'], WORKBENCH_STORAGE: storage, ...environment },
    encoding: 'utf8',
  });
}

describe('the set-up of a container', () => {
  const profile = aProfile({ bootCommand: 'pwd -P; exec echo "$WORKBENCH_NAME"' });
  const { containerDefinitions } = taskDefinition(
    aWorkbench(),
    { profile, size: profile.size },
    {
      stack: 's',
      fileSystemId: 'fs-0123456789abcdef0',
      containerPort: 3000,
      workspacePath: '/w',
      basePath: '/project',
      region: 'us-east-1',
      logGroup: undefined,
      executionRoleArn: undefined,
      taskRoleArn: undefined,
    },
  );
  const command = containerDefinitions?.[0]?.command ?? [];
  const odd = `$(touch pwned) \`touch pwned\` "; touch pwned; '`;
  const setUp = (workspace: string) => run(command, { WORKSPACE_PATH: workspace, WORKBENCH_NAME: odd });

  test('makes the workspace a link to the storage, in folders that weren’t there, and boots in it', () => {
    const { status, stdout } = setUp(join(folder, 'home', 'deep', 'project'));
    expect(status).toBe(0);
    expect(stdout).toBe(`${storage}\n${odd}\n`);
    expect(readlinkSync(join(folder, 'home', 'deep', 'project'))).toBe(storage);
    expect(readdirSync(storage)).toEqual([]);
  });

  test('moves a folder of the image out of the way, with its files', () => {
    const workspace = join(folder, 'my project');
    makeFolder(workspace);
    put(join(workspace, 'README'));
    expect(setUp(workspace).status).toBe(0);
    expect(readlinkSync(workspace)).toBe(storage);
    expect(readdirSync(`${workspace}.image`)).toEqual(['README']);
  });

  test('run again, changes nothing', () => {
    const workspace = join(folder, 'project');
    setUp(workspace);
    put(join(storage, 'a'));
    expect(setUp(workspace).status).toBe(0);
    expect(readdirSync(storage)).toEqual(['a']);
    expect(readlinkSync(workspace)).toBe(storage);
  });

  test('turns a link that led elsewhere to the storage, and leaves alone what it led to', () => {
    put(join(outside, 'kept'));
    const workspace = join(folder, 'project');
    symlinkSync(outside, workspace);
    expect(setUp(workspace).status).toBe(0);
    expect(readlinkSync(workspace)).toBe(storage);
    expect(readdirSync(outside)).toEqual(['kept']);
  });

  test('that cannot link ends with an error that says so, and does not boot', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    const { status, stdout, stderr } = setUp(join(closed, 'project'));
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`workbench: cannot link ${closed}/project to ${storage}`);
  });
});

describe('a purge', () => {
  const purge = (environment = {}) => run(purgeCommand, environment);

  test('of an empty storage ends well', () => {
    expect(purge().status).toBe(0);
  });

  test.each([
    '.hidden',
    '..odd',
    '-rf',
    '--help',
    'with space',
    ' ',
    '*',
    '$(reboot)',
    'new\nline',
    'tab\tand "quotes" \'',
    '😀',
    '\\',
    'x'.repeat(255),
  ])('removes a file and a folder named %j', (name) => {
    put(join(storage, name));
    makeFolder(join(storage, 'in'));
    makeFolder(join(storage, 'in', name));
    put(join(storage, 'in', name, name));

    expect(purge().status).toBe(0);
    expect(readdirSync(storage)).toEqual([]);
  });

  test('removes folders that nobody may read or write, and files that nobody may touch', () => {
    const locked = join(storage, 'a', 'locked');
    for (const path of [join(storage, 'a'), locked, join(locked, 'deeper')]) makeFolder(path);
    put(join(locked, 'deeper', 'file'));
    chmodSync(join(locked, 'deeper', 'file'), 0);
    chmodSync(join(locked, 'deeper'), 0);
    chmodSync(locked, 0o500);
    chmodSync(join(storage, 'a'), 0);

    expect(purge().status).toBe(0);
    expect(readdirSync(storage)).toEqual([]);
  });

  test('removes links, and leaves what they lead to as it is, its permissions included', () => {
    makeFolder(join(outside, 'folder'));
    put(join(outside, 'folder', 'file'), 'kept');
    put(join(outside, 'secret'), 'kept');
    chmodSync(join(outside, 'secret'), 0o400);
    chmodSync(join(outside, 'folder'), 0o500);
    makeFolder(join(storage, 'in'));
    symlinkSync(join(outside, 'folder'), join(storage, 'folder'));
    symlinkSync(join(outside, 'secret'), join(storage, 'in', 'secret'));
    symlinkSync('../outside', join(storage, 'up'));
    symlinkSync('..', join(storage, 'in', 'loop'));
    symlinkSync('/nowhere', join(storage, 'dangling'));

    expect(purge().status).toBe(0);
    expect(readdirSync(storage)).toEqual([]);
    expect(readFileSync(join(outside, 'folder', 'file'), 'utf8')).toBe('kept');
    expect(statSync(join(outside, 'secret')).mode & 0o777).toBe(0o400);
    expect(statSync(join(outside, 'folder')).mode & 0o777).toBe(0o500);
  });

  test('goes on where an earlier one was cut off', () => {
    for (let index = 0; index < 50; index += 1) put(join(storage, `${index}`));
    expect(purge().status).toBe(0);
    put(join(storage, 'late'));
    expect(purge().status).toBe(0);
    expect(readdirSync(storage)).toEqual([]);
  });

  test('that cannot remove everything fails, and removes the rest', () => {
    makeFolder(join(storage, 'mine'));
    if (user.uid === undefined) return;
    mkdirSync(join(storage, 'foreign'), { mode: 0o755 });
    writeFileSync(join(storage, 'foreign', 'file'), 'x');

    expect(purge().status).not.toBe(0);
    expect(readdirSync(storage)).toEqual(['foreign']);
  });

  test('of a storage that isn’t mounted fails, and touches nothing', () => {
    put(join(outside, 'kept'));
    expect(purge({ WORKBENCH_STORAGE: join(folder, 'nowhere') }).status).toBe(1);
    expect(purge({ WORKBENCH_STORAGE: '' }).status).not.toBe(0);
    expect(readdirSync(outside)).toEqual(['kept']);
    expect(lstatSync(storage).isDirectory()).toBe(true);
  });
});
