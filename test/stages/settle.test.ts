// A stage's answers (requirement E3): advance, remove, defer; each event ends in exactly one place (A5.2, A5.7).
import { expect, test } from 'vitest';
import { settle } from '../../src/domain/stage.js';
import { aBatch, anEvent } from '../support/builders.js';

const nextAt = new Date('2026-12-01T00:00:00Z');
const events = [0, 1, 2, 3].map((n) => anEvent('built', n));

test('what advances goes on, what is removed is counted, what is put off is kept with its context', () => {
  const batch = settle(aBatch([], { events, removed: 5 }), 'enrich', [
    { kind: 'advance' },
    { kind: 'remove' },
    { kind: 'defer', nextAt, context: { tries: 7 }, error: 'not yet' },
  ]);
  expect(batch.events.map(({ ordinal }) => ordinal)).toEqual([0, 3]);
  expect(batch.removed).toBe(6);
  expect(batch.deferred).toEqual([expect.objectContaining({ ordinal: 2, stage: 'enrich', nextAt, context: { tries: 7 }, error: 'not yet' })]);
});

test('a deferred event survives JSON with its raw bytes', () => {
  const raw = Buffer.from([0, 255]);
  const [put] = settle(aBatch([], { events: [{ ...events[0]!, raw }] }), 'enrich', [{ kind: 'defer', nextAt }]).deferred;
  const back = JSON.parse(JSON.stringify(put!.event)) as { raw: string; key: string };
  expect(Buffer.from(back.raw, 'base64')).toEqual(raw);
  expect(back.key).toBe(events[0]!.key);
});
