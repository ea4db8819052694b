// Bytes of anybody's, on a person's terminal: nothing of them steers it, and all that is not shown is counted.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeBytes } from '../../../src/clients/terminal/safe-bytes.js';

test('text is shown as it is, line by line; what steers a terminal is written out', () => {
  const text = 'grün 😀\n\u001b[31mred\u001b[0m\r\t\u0000 \u202egnp.exe \u009b2J \u200b';
  expect(safeBytes(Buffer.from(text), 1_000)).toEqual({
    lines: ['grün 😀', '\\x1b[31mred\\x1b[0m\\x0d\\x09\\x00 \\u202egnp.exe \\x9b2J \\u200b'],
    left: 0,
  });
});

test('what is no text is shown byte by byte', () => {
  expect(safeBytes(Buffer.from([0x61, 0xff, 0x0a, 0x00, 0x62]), 1_000)).toEqual({
    lines: ['a\\xff', '\\x00b'],
    left: 0,
  });
});

test('any bytes: printable characters only, within the bound, the rest counted', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 4, max: 200 }), (bytes, max) => {
      const { lines, left } = safeBytes(bytes, max);
      // oxlint-disable-next-line no-control-regex -- these are what is looked for
      expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(left).toBeGreaterThanOrEqual(Math.max(0, bytes.byteLength - max));
      expect(left).toBeLessThanOrEqual(Math.max(0, bytes.byteLength - max) + 3);
    }),
  );
});

test('a bound in the middle of a character does not make text unreadable', () => {
  expect(safeBytes(Buffer.from('aaa😀'), 5)).toEqual({ lines: ['aaa'], left: 4 });
});
