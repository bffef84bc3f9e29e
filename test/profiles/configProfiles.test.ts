import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../src/config.ts';

const plain = { name: 'plain', image: 'workbench:1', cpu: 1024, memory: 2048 };
const own = { capacity_providers: 'gpus' };

function read(file: unknown, environment: Record<string, string> = {}) {
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  return readConfig({ WB_PROFILES: 'profiles.json', ...environment }, () => text).offer;
}

function faultsOf(file: unknown, environment: Record<string, string> = {}): string[] {
  try {
    read(file, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message
      .split('\n')
      .flatMap((line) => /^ {2}(WB_PROFILES: .*)$/.exec(line)?.[1] ?? []);
  }
  throw new Error('The profiles were accepted');
}

describe('the profiles of a file', () => {
  test('are read with all that they say; the rest is the configuration’s', () => {
    const large = {
      name: 'large-gpu',
      title: 'Large, with a GPU',
      image: 'workbench:gpu',
      cpu: 7168,
      memory: 30_000,
      gpu: 1,
      architecture: 'ARM64',
      capacity_providers: ['gpus:3', 'more-gpus'],
      boot_command: 'exec jupyter lab',
      default: true,
    };
    const environment = { WB_BOOT_COMMAND: 'exec /start.sh', ECS_CAPACITY_PROVIDERS: 'FARGATE_SPOT' };
    expect(read([{ ...plain, ephemeral_gib: 40 }, large], environment)).toEqual({
      profiles: [
        {
          name: 'plain',
          image: 'workbench:1',
          size: { cpu: 1024, memory: 2048 },
          ephemeralGib: 40,
          capacityProviders: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
          bootCommand: 'exec /start.sh',
        },
        {
          name: 'large-gpu',
          title: 'Large, with a GPU',
          image: 'workbench:gpu',
          size: { cpu: 7168, memory: 30_000 },
          gpu: 1,
          architecture: 'ARM64',
          capacityProviders: [
            { capacityProvider: 'gpus', weight: 3 },
            { capacityProvider: 'more-gpus', weight: 1 },
          ],
          bootCommand: 'exec jupyter lab',
        },
      ],
      byDefault: 'large-gpu',
      implicit: false,
    });
  });

  test('have the first as the default where none is marked', () => {
    expect(read([plain, { ...plain, name: 'other' }]).byDefault).toBe('plain');
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', '[', /is no JSON/],
    ['an object', plain, /must be a JSON array of profiles/],
    ['none', [], /at least one profile/],
    ['a name twice', [plain, plain], /^WB_PROFILES: plain: is there twice$/],
    [
      'two defaults',
      [
        { ...plain, default: true },
        { ...plain, name: 'b', default: true },
      ],
      /only one can be the default/,
    ],
    ['a name that is none', [{ ...plain, name: 'Plain' }], /Plain: name: must be 1 to 63/],
    ['an unknown field', [{ ...plain, gpus: 1 }], /plain: .*gpus/],
    ['no image', [{ ...plain, image: undefined }], /plain: image: /],
    ['a size that Fargate lacks', [{ ...plain, memory: 3000 }], /plain: Fargate has no 1024 CPU units with 3000 MiB/],
    ['a GPU on Fargate', [{ ...plain, gpu: 1 }], /plain: gpu: Fargate has none/],
    ['storage that only Fargate has', [{ ...plain, ...own, ephemeral_gib: 40 }], /plain: ephemeral_gib: only Fargate/],
    ['both kinds of providers', [{ ...plain, capacity_providers: 'FARGATE,gpus' }], /plain: capacity_providers: /],
    ['too few CPU units', [{ ...plain, ...own, cpu: 64 }], /plain: a task has 128 to 196608 CPU units/],
  ])('with %s are refused', (_case, file, fault) => {
    expect(faultsOf(file)).toEqual([expect.stringMatching(fault)]);
  });

  test('are refused where they are over a limit', () => {
    expect(faultsOf([plain], { WB_MAX_CPU: '512', WB_MAX_MEMORY: '1024' })).toEqual([
      'WB_PROFILES: plain: cpu: is more than WB_MAX_CPU',
      'WB_PROFILES: plain: memory: is more than WB_MAX_MEMORY',
    ]);
  });

  test('have all their faults named at once, beside those of variables', () => {
    const file = [
      { ...plain, gpu: 1 },
      { ...plain, name: 'b', memory: 1 },
    ];
    const message = (() => {
      try {
        readConfig({ WB_PROFILES: 'p.json', PORT: 'x' }, () => JSON.stringify(file));
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    expect(message).toMatch(/PORT: /);
    expect(message).toMatch(/plain: gpu: /);
    expect(message).toMatch(/b: Fargate has no/);
  });

  test('in a file that isn’t there are a fault that says so', () => {
    expect(() => readConfig({ WB_PROFILES: '/nowhere/profiles.json' })).toThrow('WB_PROFILES: can’t be read: ENOENT');
  });
});
