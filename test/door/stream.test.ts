// A stream of records through the door: one call under way, one gathered, and the stream waits.
import { expect, test } from 'vitest';
import { noCounts } from '../../src/domain/page.js';
import type { RawRecord } from '../../src/domain/source.js';
import type { Answer } from '../../src/door/door.js';
import { takeStream } from '../../src/door/stream.js';
import { limits } from '../../src/limits.js';
import { createGate } from '../support/gate.js';

const answer: Answer = { source: 'built', counts: noCounts, page: null, verdicts: [], processingMs: 0 };
const record = (at: number): RawRecord => Buffer.from(String(at));

test('what comes while a call is under way goes together in the next one, in order', async () => {
  const [gate, calls] = [createGate(), [] as string[][]];
  async function* chunks() {
    yield [record(0)];
    await gate.reached;
    for (let at = 1; at < 5; at++) yield [record(at)];
    gate.open();
  }
  const told: number[] = [];
  const taken = await takeStream({
    chunks: chunks(),
    async take(records) {
      calls.push(records.map(String));
      if (calls.length === 1) await gate.pass();
      return answer;
    },
    told: (_, records) => void told.push(records.length),
    stop: () => undefined,
  });
  expect([taken, calls.flat(), told]).toEqual([5, ['0', '1', '2', '3', '4'], calls.map(({ length }) => length)]);
  expect(calls.length).toBeLessThan(5);
});

test('with a call under way and one gathered, nothing more is read', async () => {
  let [read, most] = [0, 0];
  let committed = 0;
  async function* chunks() {
    for (let at = 0; at < 6; at++) {
      read += limits.doorEventsMax;
      most = Math.max(most, read - committed);
      yield Array.from({ length: limits.doorEventsMax }, (_, n) => record(n));
    }
  }
  await takeStream({
    chunks: chunks(),
    async take(records) {
      await new Promise(setImmediate);
      committed += records.length;
      return answer;
    },
    told: () => undefined,
    stop: () => undefined,
  });
  expect([read, committed]).toEqual([6 * limits.doorEventsMax, read]);
  expect(most).toBeLessThanOrEqual(3 * limits.doorEventsMax);
});

test('a call that fails while the stream is silent ends it, with its error', async () => {
  const silence = createGate();
  async function* chunks() {
    yield [record(0)];
    await silence.pass();
  }
  const taking = takeStream({
    chunks: chunks(),
    take: () => Promise.reject(new Error('away')),
    told: () => undefined,
    stop: () => silence.open(),
  });
  await expect(taking).rejects.toThrow('away');
});

test('what was gathered during a call is sent when it ends, also while the stream is silent', async () => {
  const [calling, silence] = [createGate(), createGate()];
  const sizes: number[] = [];
  async function* chunks() {
    yield [record(0)];
    yield [record(1)];
    calling.open();
    await silence.pass();
  }
  await takeStream({
    chunks: chunks(),
    async take(records) {
      sizes.push(records.length);
      if (sizes.length === 1) await calling.pass();
      else silence.open();
      return answer;
    },
    told: () => undefined,
    stop: () => undefined,
  });
  expect(sizes).toEqual([1, 1]);
});
