// What may happen to a page leaves the chain whole: it is as long as what was committed, and verify is green.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.js';
import type { HashedEvent, JsonObject } from '../../src/domain/event.js';
import { hash } from '../../src/stages/hash.js';
import { persistPage } from '../../src/store/persist.js';
import { StaleCache } from '../../src/store/skips.js';
import { resetPosition } from '../../src/store/reset-position.js';
import { verifySources } from '../../src/store/proving/verify.js';
import type { PersistPoint } from '../../src/store/writing.js';
import {
  aBatch,
  aDraft,
  after,
  anEvent,
  aPage,
  aRun,
  aSource,
  aSourceRow,
  events,
  initialDigest,
  openedRun,
  stored,
} from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

async function expectWhole(source: string, links: number): Promise<void> {
  const [proof] = await verifySources(database.pool, { source, contents: () => true });
  expect(proof!.invariants.filter(({ found }) => found > 0)).toEqual([]);
  expect(proof).toMatchObject({ ok: true, chain: { links, pagesBefore: 0 } });
}

test.each<PersistPoint>(['begun', 'claimed', 'inserted', 'recorded'])(
  'a page that failed at %s and came again',
  async (point) => {
    const run = await openedRun(database.workerPool);
    const page = aPage(run, { events: events(run.source, 5), statePatch: [{ kind: 'tip', key: 'main', value: 1 }] });
    const failing = persistPage(database.workerPool, page, async (at) => {
      if (at === point) throw new Error('made to fail');
    });
    await expect(failing).rejects.toThrow('made to fail');
    await persistPage(database.workerPool, page);
    await persistPage(database.workerPool, page);
    await expectWhole(run.source, 2);
  },
);

test('a page whose skips did not hold, and came again without the cache', async () => {
  const run = await openedRun(database.workerPool);
  await expect(
    persistPage(database.workerPool, aPage(run, { duplicate: 1, skippedKeys: [anEvent(run.source, 1).key] })),
  ).rejects.toThrow(StaleCache);
  await persistPage(database.workerPool, aPage(run, { events: events(run.source, 2) }));
  await expectWhole(run.source, 2);
});

test('refused events, known ones, and pages with no event', async () => {
  const run = await openedRun(database.workerPool);
  const refused = { ...anEvent(run.source, 7), dataText: '{' };
  const first = aPage(run, { events: [...events(run.source, 5), stored(refused), ...events(run.source, 5, 10)] });
  expect(await persistPage(database.workerPool, first)).toMatchObject({ inserted: 10, dead: 1 });
  const second = aPage(after(run, first), { events: events(run.source, 20), existing: 3 });
  expect(await persistPage(database.workerPool, second)).toMatchObject({ inserted: 10 });
  await persistPage(database.workerPool, aPage(after(after(run, first), second), { suppressed: 2 }));
  await expectWhole(run.source, 4);
});

test('a reset, and two runs of one source', async () => {
  const source = aSourceRow();
  const old = await openedRun(database.workerPool, source);
  const first = aPage(old, { events: events(old.source, 3) });
  await persistPage(database.workerPool, first);
  await resetPosition(database.pool, source.id, initialDigest);
  const run = await openedRun(database.workerPool, source, aRun());
  await expect(
    persistPage(database.workerPool, aPage(after(old, first), { events: events(old.source, 3, 10) })),
  ).rejects.toThrow();
  await persistPage(database.workerPool, aPage(run, { existing: 3, events: events(run.source, 3, 3) }));
  await expectWhole(run.source, 4);
});

/** Numbers and texts of all kinds, keys that sort otherwise in jsonb, and what jsonb does not hold. */
const anyData = fc.dictionary(
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ stringUnit: 'binary' }),
) as fc.Arbitrary<JsonObject>;

/** Of an enrichment: stages let nothing through that jsonb refuses. */
const noted = fc.dictionary(
  fc.string({ unit: 'grapheme' }),
  fc.jsonValue({ stringUnit: 'grapheme' }),
) as fc.Arbitrary<JsonObject>;

test('any data, subject and enrichment: what Postgres keeps gives the digest of what was sent', async () => {
  const text = fc.option(
    fc.string({ unit: 'grapheme' }).map((word) => word.replaceAll('\0', '')),
    { nil: undefined },
  );
  const one = fc.record({ data: anyData, subject: text, enrichment: fc.option(noted, { nil: null }) });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 30 }), async (all) => {
      const run = await openedRun(database.workerPool);
      const hashed = await hashedOf(
        run.source,
        all.map(({ data, subject }) => aDraft({ data, subject: subject?.toWellFormed() })),
      );
      const page = aPage(run, {
        events: hashed.map((event, at) => ({ event, enrichment: enrichmentText(all[at]!.enrichment) })),
      });
      await persistPage(database.workerPool, page);
      await expectWhole(run.source, 2);
    }),
    { numRuns: 20 },
  );
});

function enrichmentText(value: JsonObject | null): string | null {
  if (value === null) return null;
  const { context: _, embedding: __, ...rest } = value;
  return `{"context":{"n":1}${Object.keys(rest).length === 0 ? '' : `,${canonicalJson(rest).slice(1, -1)}`}}`;
}

/** Distinct by their ordinals, through the stage that projects what jsonb refuses. */
async function hashedOf(source: string, drafts: ReturnType<typeof aDraft>[]): Promise<HashedEvent[]> {
  const identified = drafts.map((draft, n) => ({
    ...draft,
    identity: { kind: 'immutable', key: `event-${n}` } as const,
  }));
  const batch = aBatch([], {
    drafts: identified.map((draft, ordinal) => ({ draft, ordinal, record: Buffer.from(''), part: 0 })),
  });
  const context = { source: aSource(() => []), options: {}, runId: 'run' };
  const { events: made } = await hash.run({ ...batch, page: { ...batch.page, source } }, context);
  return [...made];
}
