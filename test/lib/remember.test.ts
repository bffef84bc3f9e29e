import { describe, expect, test } from '@jest/globals';
import { remember } from '../../src/lib/remember.ts';

describe('what is made of a text', () => {
  function counted(most?: number) {
    const made: string[] = [];
    const make = remember((text) => {
      made.push(text);
      return { text };
    }, most);
    return { made, make };
  }

  test('is made once', () => {
    const { made, make } = counted();
    expect(make('a')).toBe(make('a'));
    expect(make('b')).toEqual({ text: 'b' });
    expect(made).toEqual(['a', 'b']);
  });

  test('of a text that is longer than anything that comes often, is made each time', () => {
    const { made, make } = counted();
    const long = 'x'.repeat(4097);
    make(long);
    make(long);
    expect(made).toHaveLength(2);
  });

  test('of more texts than are kept, is made anew', () => {
    const { made, make } = counted(2);
    for (const text of ['a', 'b', 'c', 'a']) make(text);
    expect(made).toEqual(['a', 'b', 'c', 'a']);
  });
});
