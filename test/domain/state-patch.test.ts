// What a source may change of its state, and what it is told when it cannot be.
import { expect, test } from 'vitest';
import { NeedsAttention } from '../../src/domain/errors.js';
import type { Json } from '../../src/domain/event.js';
import { stateKey } from '../../src/domain/state-key.js';
import { statePatchBytesMax, statePatchesMax, stateSize, stateValueBytesMax } from '../../src/domain/state-patch.js';

const loop: Record<string, unknown> = {};
loop['self'] = loop;

test.each<[string, string, unknown]>([
  ['file', '', 1],
  ['file', 'a\0b', 1],
  ['file', 'a\ud800', 1],
  ['file', 'é'.repeat(2_049), 1],
  ['', 'a', 1],
  ['File', 'a', 1],
  ['f'.repeat(65), 'a', 1],
  ['file', 'a', 'x'.repeat(stateValueBytesMax)],
  ['file', 'a', { text: '\0' }],
  ['file', 'a', ['\udfff']],
  ['file', 'a', { '\0': 1 }],
  ['file', 'a', NaN],
  ['file', 'a', undefined],
  ['file', 'a', 1n],
  ['file', 'a', loop],
])('kind %j, key %j: one that no row can hold is refused with the source, the kind and the key', (kind, key, value) => {
  const check = () =>
    stateSize('acme/files', [
      { kind: 'file', key: 'good', value: 1 },
      { kind, key, value: value as Json },
    ]);
  expect(check).toThrow(NeedsAttention);
  expect(check).toThrow(expect.objectContaining({ code: 'state_invalid' }));
  const begins = JSON.stringify(key.slice(0, 60).toWellFormed());
  expect(check).toThrow(
    `acme/files gave a row of state that cannot be stored, kind ${JSON.stringify(kind.slice(0, 60))}, key ${begins}: `,
  );
});

test.each<[string, Json]>([
  ['x'.repeat(4_096), 1],
  [stateKey(new Uint8Array(4_096).fill(0xff)), 1],
  ['a', null],
  ['a', { text: '\\u0000 and \\ud800 as letters, \n and \u0001' }],
  ['a', 'x'.repeat(stateValueBytesMax - 2)],
])('what a row can hold is let through, up to the last byte', (key, value) => {
  expect(stateSize('a', [{ kind: 'a.b-c_9', key, value }]).patches).toBe(1);
});

test('a chunk beyond what a page can hold is the source’s error', () => {
  const row = (key: string, value: Json = 1) => ({ kind: 'file', key, value });
  const many = Array.from({ length: statePatchesMax + 1 }, (_, at) => row(`f${at}`));
  expect(() => stateSize('acme/files', many)).toThrow(
    /acme\/files gave a chunk that changes 100001 rows .* kind "file", key "f0": expected at most 100000 rows/,
  );
  expect(stateSize('acme/files', many.slice(1)).patches).toBe(statePatchesMax);
  const large = Array.from({ length: Math.ceil(statePatchBytesMax / 60_000) }, (_, at) =>
    row(`f${at}`, 'x'.repeat(60_000)),
  );
  expect(() => stateSize('acme/files', large)).toThrow(/expected at most 100000 rows and 16777216 bytes/);
});
