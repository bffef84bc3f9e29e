import { expect, test } from '@jest/globals';
import { PollQueue } from '../../../src/workbench/cache/PollQueue.ts';

const queueOf = (...taskIds: readonly string[]): PollQueue => {
  const queue = new PollQueue();
  for (const taskId of taskIds) queue.add(taskId, 'steady');
  return queue;
};

test('with one task due and others due later, one batch takes them all, the due one first', () => {
  const queue = queueOf('due', 'soon', 'later');

  expect(queue.take(100, (taskId) => (taskId === 'due' ? 'now' : 'later'))).toEqual(['due', 'soon', 'later']);
  expect(queue.size).toBe(0);
});

test('with nothing due, nothing is taken', () => {
  const queue = queueOf('soon', 'later');

  expect(queue.take(100, () => 'later')).toEqual([]);
  expect(queue.size).toBe(2);
});

test('tasks that are due leave no place in a full batch to those that are not', () => {
  const queue = queueOf('first', 'second', 'soon');
  queue.add('new', 'now');

  expect(queue.take(3, (taskId) => (taskId === 'soon' ? 'later' : 'now'))).toEqual(['new', 'first', 'second']);
  expect(queue.has('soon')).toBe(true);
});

test('a task that nobody wants any more is taken out, and not looked at', () => {
  const queue = queueOf('due', 'unwanted');

  expect(queue.take(100, (taskId) => (taskId === 'due' ? 'now' : 'drop'))).toEqual(['due']);
  expect(queue.has('unwanted')).toBe(false);
});
