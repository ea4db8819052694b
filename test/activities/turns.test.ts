// Turns are given in the order of asking, to no more than may be read at once, and nobody keeps one for ever.
import { expect, test } from 'vitest';
import { createTurns, type Turns } from '../../src/activities/turns.js';

const never = new AbortController().signal;
/** Longer than a test. */
const lapseMs = 3_600_000;

/** Who was served by now, in order. */
function lined(turns: Turns, ...sources: string[]) {
  const served: string[] = [];
  const all = sources.map((source) => turns.line(source, never).then(() => void served.push(source)));
  return { served, all: Promise.all(all) };
}

test('there are turns until all are taken; then those in line are served in the order they came, as turns end', async () => {
  const turns = createTurns({ atOnce: 2, lapseMs });
  expect(['a', 'b', 'c'].map((source) => turns.take(source))).toEqual([true, true, false]);
  // It is asked again when the answer was lost.
  expect(turns.take('a')).toBe(true);
  const { served, all } = lined(turns, 'c', 'd', 'e');
  expect(turns.waiting).toBe(3);
  for (const source of ['b', 'nobody', 'a', 'c']) turns.end(source);
  await all;
  expect([served, turns.waiting]).toEqual([['c', 'd', 'e'], 0]);
});

test('nobody who comes later passes those in line', async () => {
  const turns = createTurns({ atOnce: 1, lapseMs });
  turns.take('a');
  const { all } = lined(turns, 'b');
  turns.end('a');
  expect(turns.take('late')).toBe(false);
  await all;
  turns.end('b');
  expect(turns.take('late')).toBe(true);
});

test('who leaves the line is passed over', async () => {
  const turns = createTurns({ atOnce: 1, lapseMs });
  turns.take('a');
  const leaving = new AbortController();
  const left = turns.line('b', leaving.signal);
  const { served, all } = lined(turns, 'c');
  leaving.abort(new Error('told to stop'));
  await expect(left).rejects.toThrow('told to stop');
  await expect(turns.line('d', leaving.signal)).rejects.toThrow('told to stop');
  turns.end('a');
  await all;
  expect([served, turns.waiting]).toEqual([['c'], 0]);
});

test('a turn lapses: who is read for long holds up nobody', async () => {
  const turns = createTurns({ atOnce: 1, lapseMs: 1 });
  turns.take('large');
  const { served, all } = lined(turns, 'b', 'c', 'd');
  await all;
  expect(served).toEqual(['b', 'c', 'd']);
});
