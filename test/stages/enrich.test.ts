// The framework: what processors note is kept under their names; what one fails at is kept there too, and neither the
// event nor the page fails (requirement D2, A4.6–A4.8).
import { expect, test } from 'vitest';
import { Transient } from '../../src/domain/errors.js';
import type { Processor } from '../../src/domain/processor.js';
import { limits } from '../../src/limits.js';
import { createEnrich } from '../../src/stages/enrich.js';
import { builtInProcessors } from '../../src/stages/processors/index.js';
import { aBatch, anEvent, aSource } from '../support/builders.js';
import { createRegistry } from '../../src/sources/index.js';

const builtIn = builtInProcessors(createRegistry().catalogue);

const context = { source: aSource(() => []), options: {}, runId: 'run' };

function processor(name: string, part: Partial<Processor> = {}): Processor {
  return { name, canProcess: () => true, enrich: () => ({ by: name }), ...part };
}

const never = new Promise<never>(() => undefined);

async function enriched(processors: readonly Processor[], events = [anEvent('built', 0)], off: readonly string[] = []) {
  const stage = createEnrich(processors, off);
  const batch = await stage.run(aBatch([], { events }), context);
  const tallies = Object.fromEntries(
    Object.entries(stage.tallies()).map(([name, { processed, skipped, failed, retried }]) => [
      name,
      { processed, skipped, failed, retried },
    ]),
  );
  return {
    noted: events.map(({ ordinal }) => JSON.parse(batch.enrichment.get(ordinal) ?? 'null') as unknown),
    tallies,
    batch,
    stage,
  };
}

const counts = (part: object) => ({ processed: 0, skipped: 0, failed: 0, retried: 0, ...part });

test('what each processor notes is kept under its name; nothing noted is nothing kept (A4.3)', async () => {
  const { noted } = await enriched([
    processor('a'),
    processor('b', { enrich: async () => ({ late: [1, null, 'x'] }) }),
    processor('c', { enrich: () => null }),
  ]);
  expect(noted).toEqual([{ a: { by: 'a' }, b: { late: [1, null, 'x'] } }]);
  expect((await enriched([processor('silent', { enrich: () => undefined })])).batch.enrichment.size).toBe(0);
});

test('a processor sees what those it needs have noted, whatever the order of declaration (A4.7)', async () => {
  const first = processor('first', { enrich: async ({ data }) => ({ n: data.n! }) });
  const second = processor('second', {
    dependencies: ['first'],
    enrich: (_event, { results }) => ({ twice: 2 * Number(results.first!.n) }),
  });
  const { noted } = await enriched([second, first], [anEvent('built', 0, { n: 4 }), anEvent('built', 1, { n: 5 })]);
  expect(noted).toEqual([
    { first: { n: 4 }, second: { twice: 8 } },
    { first: { n: 5 }, second: { twice: 10 } },
  ]);
});

test('an event a processor cannot work on is skipped, and so are those that need its result, without a word', async () => {
  const odd = processor('odd', { canProcess: ({ data }) => Number(data.n) % 2 === 1 });
  const { noted, tallies } = await enriched(
    [odd, processor('after', { dependencies: ['odd'] })],
    [anEvent('built', 0), anEvent('built', 1)],
  );
  expect(noted).toEqual([null, { odd: { by: 'odd' }, after: { by: 'after' } }]);
  expect(tallies).toEqual({ odd: counts({ processed: 1, skipped: 1 }), after: counts({ processed: 1, skipped: 1 }) });
});

test('a failure is noted and counted; those that need it are skipped with the reason; the others go on (A4.6)', async () => {
  const broken = processor('broken', {
    enrich: () => {
      throw new RangeError('no such thing');
    },
  });
  const chain = [processor('next', { dependencies: ['broken'] }), processor('last', { dependencies: ['next'] })];
  const { noted, tallies } = await enriched([broken, ...chain, processor('other')]);
  const skipped = (name: string) => ({ skipped: `needs ${name}, which failed` });
  expect(noted).toEqual([
    { broken: { error: 'no such thing' }, next: skipped('broken'), last: skipped('next'), other: { by: 'other' } },
  ]);
  expect(tallies).toEqual({
    broken: counts({ failed: 1 }),
    next: counts({ skipped: 1 }),
    last: counts({ skipped: 1 }),
    other: counts({ processed: 1 }),
  });
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
let deep: unknown = 1;
for (let level = 0; level < 200; level++) deep = { deep };

test.each<[string, () => unknown, RegExp]>([
  [
    'throws no error',
    () => {
      throw 'just text';
    },
    /^just text$/,
  ],
  [
    'throws what Postgres does not hold',
    () => {
      throw new Error('a\0b \ud800');
    },
    /^a\uFFFDb \uFFFD$/,
  ],
  [
    'throws a novel',
    () => {
      throw new Error('x'.repeat(10_000));
    },
    new RegExp(`^x{${limits.enrichErrorCharsMax}}$`),
  ],
  ['rejects', () => Promise.reject(new Error('later')), /^later$/],
  ['answers a text', () => 'text', /no object/],
  ['answers a list', () => [1], /no object/],
  ['answers a date', () => ({ at: new Date(0) }), /the result\.at/],
  ['answers a number that is none', () => ({ list: [1, Number.NaN] }), /the result\.list\[1\]/],
  ['answers a NUL', () => ({ text: 'a\0b' }), /the result\.text/],
  ['answers half a pair, deep in a list', () => ({ list: [{ text: '\ud800' }] }), /the result\.list\[0\]\.text/],
  ['answers a function', () => ({ toJSON: () => 1 }), /the result\.toJSON/],
  ['answers a circle', () => cyclic, /deeper than/],
  ['answers something too deep', () => deep, /deeper than/],
  ['answers too much', () => ({ text: 'x'.repeat(limits.enrichResultCharsMax) }), /characters, expected at most/],
])('a processor that %s fails for that event alone', async (_what, answer, message) => {
  const choking = processor('choking', {
    enrich: (event) => (event.data.n === 1 ? (answer() as never) : { fine: true }),
  });
  const { noted } = await enriched([choking], [anEvent('built', 0), anEvent('built', 1), anEvent('built', 2)]);
  expect(noted).toEqual([
    { choking: { fine: true } },
    { choking: { error: expect.stringMatching(message) } },
    { choking: { fine: true } },
  ]);
});

test('canProcess that throws is a failure of its processor', async () => {
  const choking = processor('choking', {
    canProcess: () => {
      throw new Error('cannot even say');
    },
  });
  expect((await enriched([choking])).noted).toEqual([{ choking: { error: 'cannot even say' } }]);
});

test.each<[string, () => Error]>([
  ['of our class', () => new Transient('busy', 'busy')],
  ['marked by its thrower', () => Object.assign(new Error('busy'), { transient: true })],
])(
  'an error %s is tried again, also when it was thrown at once, and those that need the result wait for it (A4.8)',
  async (_what, error) => {
    for (const thrown of [true, false]) {
      let tries = 0;
      const flaky = processor('flaky', {
        enrich: () => {
          tries += 1;
          if (tries > 2) return { tries };
          if (thrown) throw error();
          return Promise.reject(error());
        },
      });
      const { noted, tallies } = await enriched([flaky, processor('after', { dependencies: ['flaky'] })]);
      expect(noted).toEqual([{ flaky: { tries: 3 }, after: { by: 'after' } }]);
      expect(tallies.flaky).toEqual(counts({ processed: 1, retried: 2 }));
    }
  },
);

test('tries are bounded; an error of another kind is not tried again (A4.8)', async () => {
  let tries = 0;
  const away = processor('away', {
    enrich: () => {
      tries += 1;
      throw new Transient('away', 'still away');
    },
  });
  expect((await enriched([away])).noted).toEqual([{ away: { error: 'still away' } }]);
  expect(tries).toBe(limits.enrichTriesMax);
  tries = 0;
  const wrong = processor('wrong', {
    enrich: async () => {
      tries += 1;
      throw new RangeError('wrong value');
    },
  });
  expect((await enriched([wrong])).tallies.wrong).toEqual(counts({ failed: 1 }));
  expect(tries).toBe(1);
});

test('a processor that hangs is told so and left; its answer, should it come, changes nothing (A4.8)', async () => {
  let answerLate = (_noted: { late: true }): void => undefined;
  let told: unknown;
  const hanging = processor('hanging', {
    timeoutMs: 20,
    enrich: (_event, { signal }) => {
      signal.addEventListener('abort', () => (told = signal.reason));
      return new Promise((resolve) => (answerLate = resolve));
    },
  });
  const { noted, batch } = await enriched([hanging]);
  expect(noted).toEqual([{ hanging: { error: 'no answer within 20 ms' } }]);
  expect(told).toEqual(new Error('no answer within 20 ms'));
  const before = new Map(batch.enrichment);
  answerLate({ late: true });
  await Promise.resolve();
  expect(batch.enrichment).toEqual(before);
});

test('one that is asked for its signal only after its time finds it aborted', async () => {
  const seen: boolean[] = [];
  let looked = (): void => undefined;
  const late = processor('late', {
    timeoutMs: 10,
    enrich: async (_event, given) => {
      await new Promise<void>((resolve) => (looked = resolve));
      seen.push(given.signal.aborted);
      return null;
    },
  });
  await enriched([late]);
  looked();
  await new Promise(setImmediate);
  expect(seen).toEqual([true]);
});

test("one that hangs on every event costs its share of the page's time, not the page", async () => {
  const events = Array.from({ length: 20_000 }, (_, at) => anEvent('built', at));
  const others = Array.from({ length: limits.processorsMax - 1 }, (_, at) =>
    processor(`other${at}`, { canProcess: () => false }),
  );
  const hanging = processor('hanging', { timeoutMs: 100, enrich: () => never });
  const { noted, tallies } = await enriched([hanging, ...others], events);
  expect(tallies.hanging).toEqual(counts({ failed: 20_000 }));
  expect(noted.at(-1)).toEqual({ hanging: { error: expect.stringContaining('used up') } });
}, 120_000);

test('a page of many turns is enriched whole, in its order', async () => {
  const events = Array.from({ length: 1_000 }, (_, at) => anEvent('built', at));
  const { noted, tallies } = await enriched([processor('n', { enrich: async ({ data }) => ({ n: data.n! }) })], events);
  expect(noted).toEqual(events.map((_, n) => ({ n: { n } })));
  expect(tallies.n).toEqual(counts({ processed: 1_000 }));
});

test('switched off, a processor leaves no trace', async () => {
  const { noted, tallies } = await enriched([processor('a'), processor('b')], [anEvent('built', 0)], ['a']);
  expect([noted, Object.keys(tallies)]).toEqual([[{ b: { by: 'b' } }], ['b']]);
});

test('what was counted goes with the page, and adds up in the worker', async () => {
  const { batch, stage } = await enriched([processor('a')], [anEvent('built', 0), anEvent('built', 1)]);
  expect(batch.counted).toEqual({ processors: { a: { ...counts({ processed: 2 }), ms: expect.any(Number) } } });
  await stage.run(aBatch([], { events: [anEvent('built', 2)] }), context);
  expect(stage.tallies()).toEqual({ a: { ...counts({ processed: 3 }), ms: expect.any(Number) } });
});

test('a cancelled page is given up', async () => {
  const cancelled = AbortSignal.abort(new Error('nobody waits'));
  await expect(
    createEnrich([processor('a')]).run(aBatch([], { events: [anEvent('built', 0)] }), { ...context, cancelled }),
  ).rejects.toThrow('nobody waits');
});

test('the built-in processors are pure: repeating them gives the same', async () => {
  const events = [
    anEvent('built', 0, {}, { time: '2026-10-31T23:59:59.5Z' }),
    anEvent('built', 1),
    anEvent('built', 2, { sha: 'abc' }, { type: 'git.commit' }),
  ];
  expect((await enriched(builtIn, events)).batch.enrichment).toEqual(
    (await enriched(builtIn, events)).batch.enrichment,
  );
});
