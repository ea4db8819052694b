// A stage's answers (requirement E3): advance, remove, defer; each event ends in exactly one place (A5.2, A5.7).
import { expect, test } from 'vitest';
import { newBatch, settle } from '../../src/domain/stage.js';
import { limits } from '../../src/limits.js';
import { aBatch, anEvent, aPageFacts } from '../support/builders.js';

const nextAt = new Date('2026-12-01T00:00:00Z');
const events = [0, 1, 2, 3].map((n) => anEvent('built', n));

test('what advances goes on, what is removed is counted, what is deferred is kept with its context', () => {
  const batch = settle(aBatch([], { events, removed: 5 }), 'enrich', [
    { kind: 'advance' },
    { kind: 'remove' },
    { kind: 'defer', nextAt, context: { tries: 7 }, error: 'not yet' },
  ]);
  expect(batch.events.map(({ ordinal }) => ordinal)).toEqual([0, 3]);
  expect(batch.removed).toBe(6);
  expect(batch.deferred).toEqual([
    expect.objectContaining({ ordinal: 2, stage: 'enrich', nextAt, context: { tries: 7 }, error: 'not yet' }),
  ]);
});

test('a deferred event survives JSON with its raw bytes', () => {
  const raw = Buffer.from([0, 255]);
  const [put] = settle(aBatch([], { events: [{ ...events[0]!, raw }] }), 'enrich', [
    { kind: 'defer', nextAt },
  ]).deferred;
  const back = JSON.parse(JSON.stringify(put!.event)) as { raw: string; key: string };
  expect(Buffer.from(back.raw, 'base64')).toEqual(raw);
  expect(back.key).toBe(events[0]!.key);
});

test('what is noted with an answer is the context after it; what is not noted stays', () => {
  const before = new Map([
    [0, { old: 1 }],
    [1, { old: 2 }],
    [2, { old: 3 }],
  ]);
  const { contexts, deferred } = settle(aBatch([], { events: events.slice(0, 3), contexts: before }), 'enrich', [
    { kind: 'advance' },
    { kind: 'advance', context: { new: 2 } },
    { kind: 'defer', nextAt },
  ]);
  expect([...contexts]).toEqual([
    [0, { old: 1 }],
    [1, { new: 2 }],
    [2, { old: 3 }],
  ]);
  expect(deferred).toMatchObject([{ context: { old: 3 }, error: null }]);
});

test('what is deferred keeps what it has been through, before and in this page, and what was deferred before it', () => {
  const enrichment = new Map([[0, '{"a":1}']]);
  const returned = new Map([[0, { attempts: 3, processed: ['hash'], letter: null }]]);
  const first = settle(aBatch([], { events: events.slice(0, 2), processed: ['enrich'], enrichment, returned }), 'own', [
    { kind: 'defer', nextAt },
  ]);
  expect(first.deferred).toMatchObject([
    { attempts: 4, processed: ['hash', 'enrich'], event: { enrichment: '{"a":1}' }, context: {} },
  ]);
  const second = settle(first, 'next', [{ kind: 'defer', nextAt }]);
  expect(second.deferred.map(({ ordinal, attempts }) => [ordinal, attempts])).toEqual([
    [0, 4],
    [1, 1],
  ]);
  expect(second.deferred[1]!.event).toMatchObject({ enrichment: null });
});

test(`deferred for the ${limits.deferredAttemptsMax}th time it is a dead letter, with its reason and its bytes`, () => {
  const returnedAfter = (attempts: number) =>
    new Map([0, 1].map((at) => [at, { attempts, processed: [], letter: null }]));
  const raw = Buffer.from([0, 255]);
  const batch = aBatch([], {
    events: [events[0]!, { ...events[1]!, raw }],
    returned: returnedAfter(limits.deferredAttemptsMax - 1),
  });
  const { dead, deferred } = settle(batch, 'own', [
    { kind: 'defer', nextAt, error: 'not yet' },
    { kind: 'defer', nextAt },
  ]);
  const times = `deferred ${limits.deferredAttemptsMax} times, the last time for: `;
  expect(deferred).toEqual([]);
  expect(dead).toMatchObject([
    {
      ordinal: 0,
      stage: 'own',
      code: 'put_off_too_often',
      error: `${times}not yet`,
      raw: Buffer.from(events[0]!.dataText),
    },
    { ordinal: 1, error: `${times}no reason given`, raw },
  ]);
  const once = { ...batch, returned: returnedAfter(limits.deferredAttemptsMax - 2) };
  expect(settle(once, 'own', [{ kind: 'defer', nextAt }]).dead).toEqual([]);
});

test('a page begins with nothing but its records', () => {
  const { page: _page, ...rest } = newBatch(aPageFacts(), []);
  const empty = Object.entries(rest).filter(([, value]) => value !== 0 && value !== false);
  for (const [name, value] of empty)
    expect([
      name,
      [
        ...((value as Iterable<unknown>)[Symbol.iterator] === undefined
          ? Object.keys(value as object)
          : (value as Iterable<unknown>)),
      ],
    ]).toEqual([name, []]);
  expect(rest.recorded).toBe(false);
});
