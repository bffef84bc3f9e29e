import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFargateSize, nearestFargateSizes, wrongSizeMessage } from '../../../src/workbench/model/fargateSizes.ts';

/** Smallest, largest and step in GB, as the Fargate section of the ECS Developer Guide lists them. */
const documented: readonly (readonly [cpu: number, smallest: number, largest: number, step: number])[] = [
  [512, 1, 4, 1],
  [1024, 2, 8, 1],
  [2048, 4, 16, 1],
  [4096, 8, 30, 1],
  [8192, 16, 60, 4],
  [16384, 32, 120, 8],
];

describe('the sizes of Fargate', () => {
  test('of 256 CPU units are 512, 1024 and 2048 MiB', () => {
    const right = Array.from({ length: 5000 }, (_, memory) => memory).filter((memory) =>
      isFargateSize({ cpu: 256, memory }),
    );
    expect(right).toEqual([512, 1024, 2048]);
  });

  test.each(documented)('of %i CPU units are %i to %i GB in steps of %i', (cpu, smallest, largest, step) => {
    const gigabytes = Array.from({ length: 130 }, (_, index) => index);
    const right = gigabytes.filter((memory) => isFargateSize({ cpu, memory: memory * 1024 }));
    expect(right).toEqual(
      gigabytes.filter((one) => one >= smallest && one <= largest && (one - smallest) % step === 0),
    );
    expect(isFargateSize({ cpu, memory: smallest * 1024 + 1 })).toBe(false);
  });

  test.each([0, 1, 128, 257, 768, 32768, Number.NaN])('of %p CPU units are none', (cpu) => {
    expect(isFargateSize({ cpu, memory: 2048 })).toBe(false);
  });
});

describe('the nearest sizes', () => {
  test('of a size that is right begin with itself', () => {
    expect(nearestFargateSizes({ cpu: 2048, memory: 5120 })[0]).toEqual({ cpu: 2048, memory: 5120 });
  });

  test.each([
    [
      { cpu: 1024, memory: 1024 },
      { cpu: 512, memory: 1024 },
    ],
    [
      { cpu: 256, memory: 4096 },
      { cpu: 512, memory: 4096 },
    ],
    [
      { cpu: 1000, memory: 2000 },
      { cpu: 1024, memory: 2048 },
    ],
    [
      { cpu: 1, memory: 1 },
      { cpu: 256, memory: 512 },
    ],
    [
      { cpu: 99999, memory: 999999 },
      { cpu: 16384, memory: 122880 },
    ],
  ])('of %j have %j', (wanted, nearest) => {
    expect(nearestFargateSizes(wanted)).toContainEqual(nearest);
  });

  test('are three right sizes that differ, whatever was wanted', () => {
    const anything = fc.record({ cpu: fc.integer({ min: -10, max: 1e9 }), memory: fc.integer({ min: -10, max: 1e9 }) });
    fc.assert(
      fc.property(anything, (wanted) => {
        const nearest = nearestFargateSizes(wanted);
        expect(nearest.every(isFargateSize)).toBe(true);
        expect(new Set(nearest.map(({ cpu, memory }) => `${cpu} ${memory}`)).size).toBe(3);
        expect(wrongSizeMessage(wanted)).toContain(`${nearest[0]?.cpu} with ${nearest[0]?.memory}`);
      }),
    );
  });
});
