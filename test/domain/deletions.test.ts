// All, or most of many: what a wrong answer would look like.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitDeletions, isMassDeletion, type SecondLook } from '../../src/domain/deletions.js';

function names(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `ref-${at}`);
}

test.each([
  [1, 1, true],
  [2, 2, true],
  [2, 1, false],
  [3, 1, false],
  [3, 2, false],
  [5, 4, false],
  [9, 5, true],
  [10, 5, false],
  [10, 6, true],
  [12, 10, true],
  [9_000, 5_000, true],
  [9_000, 4_500, false],
  [0, 0, false],
  [7, 0, false],
])('of %i known, %i gone: %s', (known, gone, mass) => {
  expect(isMassDeletion({ known, gone: names(gone) })).toBe(mass);
});

test('more of them gone is never believed sooner', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 499 }), (known, few) => {
      const gone = Math.min(few, known - 1);
      if (isMassDeletion({ known, gone: names(gone) }))
        expect(isMassDeletion({ known, gone: names(gone + 1) })).toBe(true);
    }),
  );
});

function admitted(gone: number, second: SecondLook | undefined, accepted = false): Promise<void> {
  const lookAgain = second === undefined ? undefined : () => Promise.resolve(second);
  return admitDeletions('acme/api', { what: 'channels', known: 12, gone: names(gone), lookAgain }, accepted);
}

test('few are told at once; most only when a second look does not find them either, or a person says so', async () => {
  await admitted(6, undefined);
  await admitted(10, { found: [] });
  await admitted(12, { unproven: 'it was not asked' }, true);
});

test.each([
  [undefined, 'there is no other way to look at channels'],
  [{ unproven: 'the answer is a page' }, 'the answer is a page'],
  [{ found: ['ref-3'] }, 'a second look still finds 1 of these 10 (ref-3)'],
])('else it says how many of how many, examples, why, and how to confirm', async (second, why) => {
  await expect(admitted(10, second)).rejects.toMatchObject({
    name: 'NeedsAttention',
    code: 'mass_deletion',
    message:
      `10 of 12 known channels would be deleted (ref-0, ref-1, ref-2, ref-3, ref-4, …), and ${why}; nothing was changed. Put the origin right and start it again; ` +
      'or, if they are gone, accept it for one run: `tributary sync acme/api --accept-deletions`, or the workflow\'s input {"sourceId":"acme/api","acceptDeletions":true}',
  });
});

test('long names do not fill the message', async () => {
  const gone = names(5).map((name) => name + 'é'.repeat(4_000));
  const refused = await admitDeletions('s', { what: 'files', known: 5, gone }, false).catch(
    (error: Error) => error.message,
  );
  expect(refused!.length).toBeLessThan(1_500);
});
