// The forms that bytes take between git and events: whatever the bytes, nothing is lost, mixed up or read past.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryEnd, parseDiff, combinedPaths } from '../../../src/sources/git/diff-tokens.js';
import { toEvents } from '../../../src/sources/git/events.js';
import { decodeRecord, encodeRecord } from '../../../src/sources/git/record.js';
import { trailersOf } from '../../../src/sources/git/trailers.js';
import { parseCommit } from '../../../src/sources/git/commit-parser.js';
import { commitTime } from '../../../src/sources/git/commit-time.js';
import { instantOf } from '../../../src/domain/instant.js';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const path = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((array) => Buffer.from(array.map((byte) => (byte === 0 ? 9 : byte))));
const id = fc.stringMatching(/^[0-9a-f]{40}$/);
const nul = Buffer.from([0]);

const change = fc.record({
  path,
  oldPath: fc.option(path),
  counts: fc.option(fc.tuple(fc.nat(), fc.nat())),
  status: fc.constantFrom('A', 'M', 'D', 'T'),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function rawOf({ path: now, oldPath, status }: Change): Buffer {
  const meta = Buffer.from(
    `:100644 100755 ${'1'.repeat(40)} ${'2'.repeat(40)} ${oldPath === null ? status : 'R075'}\0`,
  );
  return Buffer.concat(oldPath === null ? [meta, now, nul] : [meta, oldPath, nul, now, nul]);
}

function countsOf({ path: now, oldPath, counts }: Change): Buffer {
  const meta = Buffer.from(counts === null ? '-\t-\t' : `${counts[0]}\t${counts[1]}\t`);
  return Buffer.concat(oldPath === null ? [meta, now, nul] : [meta, nul, oldPath, nul, now, nul]);
}

describe('records', () => {
  const section = fc.option(bytes);
  const flags = fc.array(fc.string(), { maxLength: 3 });
  const record = fc.record({ id, commit: section, diff: section, combined: section, flags });

  test('come back as they went in', () => {
    fc.assert(
      fc.property(record, (given) => {
        expect(decodeRecord(encodeRecord(given))).toEqual(given);
      }),
    );
  });

  test('cut short are refused', () => {
    fc.assert(
      fc.property(record, fc.nat(), (given, at) => {
        const whole = encodeRecord(given);
        expect(() => decodeRecord(whole.subarray(0, at % whole.length))).toThrow();
      }),
    );
  });

  test('of any commit bytes map to events, the same each time', () => {
    fc.assert(
      fc.property(id, bytes, (name, commit) => {
        const encoded = encodeRecord({ id: name, commit, diff: Buffer.alloc(0), combined: null });
        expect(toEvents(encoded)).toEqual(toEvents(encoded));
        expect(toEvents(encoded)).toHaveLength(1);
      }),
    );
  });
});

describe('diffs', () => {
  test('every entry is found, with its bytes and its counts', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const { raw, counts } = parseDiff(Buffer.concat([...changes.map(rawOf), ...changes.map(countsOf)]));
        expect(raw.map((entry) => [entry.path, entry.oldPath])).toEqual(
          changes.map((given) => [given.path, given.oldPath]),
        );
        expect(counts.map((entry) => [entry.path, entry.additions, entry.deletions])).toEqual(
          changes.map((given) => [given.path, given.counts?.[0] ?? null, given.counts?.[1] ?? null]),
        );
      }),
    );
  });

  test('an entry that is not all there is not taken for one', () => {
    fc.assert(
      fc.property(change, fc.boolean(), fc.nat(), (given, isRaw, at) => {
        const entry = isRaw ? rawOf(given) : countsOf(given);
        expect(entryEnd(entry, 0)).toBe(entry.length);
        expect(entryEnd(entry.subarray(0, at % entry.length), 0)).toBe(-1);
      }),
    );
  });

  test('combined entries of any number of parents name one path each', () => {
    const combined = fc.record({ path, parents: fc.integer({ min: 2, max: 12 }) });
    fc.assert(
      fc.property(fc.array(combined, { maxLength: 10 }), (entries) => {
        const output = entries.map(({ path: name, parents }) => {
          const ids = ` ${'3'.repeat(40)}`.repeat(parents + 1);
          return Buffer.concat([
            Buffer.from(
              `${':'.repeat(parents)}${'100644 '.repeat(parents + 1).trimEnd()}${ids} ${'M'.repeat(parents)}\0`,
            ),
            name,
            nul,
          ]);
        });
        expect(combinedPaths(Buffer.concat(output))).toEqual(
          new Set(entries.map(({ path: name }) => name.toString('latin1'))),
        );
      }),
    );
  });
});

describe('parts of a commit', () => {
  test('any bytes are some commit', () => {
    fc.assert(fc.property(bytes, (commit) => void parseCommit(commit)));
  });

  test('a time is a moment the engine takes, or null', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
        fc.stringMatching(/^[+-]\d{4}$/),
        (seconds, zone) => {
          const { time, flag } = commitTime(`${seconds} ${zone}`);
          if (time === null) expect(flag).toBe('time_out_of_range');
          else expect(Date.parse(instantOf(time)!)).toBe(Number(seconds) * 1_000);
        },
      ),
      { examples: [[-62135596800n, '-0001'], [253402300799n, '+0001'], [253402300799n, '-2359'], [0n, '+2360']] }, // prettier-ignore
    );
  });

  test('trailers of any text are bounded', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (message) => {
        expect(trailersOf(message).length).toBeLessThanOrEqual(100);
      }),
    );
  });
});
