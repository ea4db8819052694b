// The order of versions as texts is the order of what they mean.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { versionBytesMax, versionOrderOf, type VersionOrder } from '../../src/domain/version-order.js';

function compared(one: string, other: string, order: VersionOrder): number {
  return Math.sign(
    Buffer.compare(Buffer.from(versionOrderOf(one, order)!), Buffer.from(versionOrderOf(other, order)!)),
  );
}

const decimals = fc.tuple(
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 3 }),
);

/** As text, with zeros in front and behind that mean nothing. */
function written([units, places, zeros]: readonly [bigint, number, number]): string {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const whole = '0'.repeat(zeros) + digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places) + '0'.repeat(zeros);
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

test('numbers follow each other as numbers do, whatever their size, sign, fraction and zeros', () => {
  fc.assert(
    fc.property(decimals, decimals, (one, other) => {
      const [a, b] = [one[0] * 10n ** BigInt(12 - one[1]), other[0] * 10n ** BigInt(12 - other[1])];
      expect(compared(written(one), written(other), 'number')).toBe(a < b ? -1 : Number(a > b));
    }),
    { numRuns: 2_000 },
  );
});

test('numbers close to each other, and 0 with a sign', () => {
  const rising = [
    '-10.5',
    '-10',
    '-9.55',
    '-9.5',
    '-9',
    '-0.1',
    '0',
    '0.05',
    '0.5',
    '1',
    '1.5',
    '9',
    '10',
    '1503435956.000247',
    '1503435956.000248',
  ];
  expect(rising.toSorted((one, other) => compared(one, other, 'number'))).toEqual(rising);
  expect(compared('-0', '0.0', 'number')).toBe(0);
});

test('times follow each other as moments do: the zone says nothing, every digit counts', () => {
  const rising = [
    '2026-01-01T00:00:00Z',
    '2026-01-01T01:00:00.5+01:00',
    '2026-01-01T00:00:00.51Z',
    '2026-01-01T00:00:00.510000001Z',
    '2026-01-01T00:00:01Z',
    '2025-12-31T23:00:02-01:00',
  ];
  expect(rising.toSorted((one, other) => compared(one, other, 'time'))).toEqual(rising);
  expect(compared('2026-01-01T00:00:00Z', '2026-01-01T02:00:00.000+02:00', 'time')).toBe(0);
});

test.each<[VersionOrder, string]>([
  ['number', 'v1'],
  ['number', '1e5'],
  ['number', ' 1'],
  ['number', '.5'],
  ['number', '--1'],
  ['number', '0x10'],
  ['number', ''],
  ['time', '2026-02-30T00:00:00Z'],
  ['time', '2026-01-01'],
  ['time', '1767225600'],
  ['text', ''],
  ['text', 'x'.repeat(versionBytesMax + 1)],
])('%s: %j is no version', (order, version) => {
  expect(versionOrderOf(version, order)).toBeNull();
});
