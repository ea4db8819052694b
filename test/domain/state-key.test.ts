// Any bytes are a key of state and come back from it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stateKey, stateKeyBytes } from '../../src/domain/state-key.js';

const awkward = fc.array(
  fc.constantFrom(0x00, 0x5c, 0x78, 0x66, 0x33, 0x61, 0x2f, 0x80, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0xff),
  { maxLength: 12 },
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  awkward.map((all) => Uint8Array.from(all)),
);

test('any bytes come back, and their key is text that Postgres can hold', () => {
  fc.assert(
    fc.property(bytes, (given) => {
      const key = stateKey(given);
      expect(key.isWellFormed() && !key.includes('\0')).toBe(true);
      expect([...stateKeyBytes(key)]).toEqual([...given]);
    }),
    { numRuns: 5_000 },
  );
});

test('text is itself, unless it could be taken for bytes that are none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
      fc.pre(!text.includes('\0') && !text.includes('\\x'));
      expect(stateKey(Buffer.from(text))).toBe(text);
    }),
  );
  expect(stateKey(Buffer.from('dev\\x2duuid'))).toBe('dev\\x5cx2duuid');
  expect(stateKey(Buffer.from('\uFEFFa\\'))).toBe('\uFEFFa\\');
});

test('a name that is no text keeps its folder in front', () => {
  expect(stateKey(Buffer.from([...Buffer.from('music/b'), 0xf6, ...Buffer.from('se.mp3\0')]))).toBe(
    'music/b\\xf6se.mp3\\x00',
  );
});
