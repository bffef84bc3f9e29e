import { expect, test } from '@jest/globals';
import { growth, type MemorySample, SETTLING_MINUTES } from '../../bench/soak/growth.ts';

/** Two hours of ten lives a minute, 60 MB and some noise; `bytesPerLife` are kept of each after settling. */
function samples(bytesPerLife: number, minutes = 120): MemorySample[] {
  return Array.from({ length: minutes }, (_, minute) => {
    const noise = ((minute * 7_919) % 400) * 1_000;
    const settling = Math.min(minute, SETTLING_MINUTES) * 200_000;
    const grown = Math.max(0, minute - SETTLING_MINUTES) * 10 * bytesPerLife;
    return { minute, lives: minute * 10, bytes: 60e6 + settling + grown + noise };
  });
}

test('memory that rises while it settles, and is level with some noise from then on, is flat', () => {
  expect(growth(samples(0))).toMatchObject({ flat: true });
});

test('2 KB that stay of each life are found', () => {
  const { flat, bytesPerLife, first, last } = growth(samples(2_000));

  expect(flat).toBe(false);
  expect(bytesPerLife).toBeGreaterThan(1_500);
  expect(bytesPerLife).toBeLessThan(2_500);
  expect(last).toBeGreaterThan(first);
});

test('of a run that ends before memory has settled nothing is said', () => {
  expect(growth(samples(2_000, SETTLING_MINUTES)).flat).toBeUndefined();
});
