// One instant has one text, and only instants that Postgres can hold have any.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOf } from '../../src/domain/instant.js';

test.each([
  ['2026-01-02T12:00:00Z', '2026-01-02T12:00:00Z'],
  ['2026-01-02T13:00:00+01:00', '2026-01-02T12:00:00Z'],
  ['2026-01-02t12:00:00z', '2026-01-02T12:00:00Z'],
  ['2026-01-02 12:00:00-00:00', '2026-01-02T12:00:00Z'],
  ['2026-01-02T12:00:00.000Z', '2026-01-02T12:00:00Z'],
  ['2026-01-02T12:00:00.100Z', '2026-01-02T12:00:00.1Z'],
  ['2026-01-02T12:00:00.123456Z', '2026-01-02T12:00:00.123456Z'],
  ['2026-01-02T12:00:00.123456789+00:00', '2026-01-02T12:00:00.123456Z'],
  ['2026-01-02T12:00:00.0Z', '2026-01-02T12:00:00Z'],
  ['2026-01-02 12:00:00Z', '2026-01-02T12:00:00Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
])('%s is %s', (text, instant) => {
  expect(instantOf(text)).toBe(instant);
});

test.each([
  'now',
  '',
  '2026-01-02',
  '2026-01-02T12:00:00',
  '2026-02-29T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-01-32T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-06-31T00:00:00Z',
  '2026-09-31T00:00:00Z',
  '2026-11-31T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2026-01-02T24:00:00Z',
  '2026-01-02T12:60:00Z',
  '2026-01-02T12:00:60Z',
  '2026-01-02T12:00:00+24:00',
  '2026-01-02T12:00:00+0100',
  '12026-01-02T12:00:00Z',
  '-0001-01-02T12:00:00Z',
  '9999-12-31T23:59:59-01:00',
  '1900-02-29T00:00:00Z',
  '2026-01-02T12:00:00.Z',
  '٢٠٢٦-01-02T12:00:00Z',
])('%j is no instant', (text) => {
  expect(instantOf(text)).toBeNull();
});

test.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+01:00', '0000-12-31T23:59:59.5Z'])(
  '%s is none: Postgres has no year 0',
  (text) => {
    expect(instantOf(text)).toBeNull();
  },
);

const dates = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});

test('any date in any zone is the same instant, and its text is its own', () => {
  fc.assert(
    fc.property(dates, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, minutes) => {
      const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
      const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
        String(part).padStart(2, '0'),
      );
      const instant = instantOf(`${local}${minutes < 0 ? '-' : '+'}${hours}:${rest}`);
      return instant !== null && Date.parse(instant) === date.getTime() && instantOf(instant) === instant;
    }),
    { numRuns: 2_000 },
  );
});

test('any text gives an instant or null, never an error', () => {
  fc.assert(fc.property(fc.string(), (text) => ['string', 'object'].includes(typeof instantOf(text))));
});
