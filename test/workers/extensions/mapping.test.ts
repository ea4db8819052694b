// Mappers in a process of their own: the same events as in the worker, few questions for many records, and a bound for a
// mapper that fails at every record.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadModules } from '../../../src/extensions/module.js';
import type { Source } from '../../../src/domain/source.js';
import type { Batch } from '../../../src/domain/stage.js';
import { hash } from '../../../src/stages/hash.js';
import { createValidate } from '../../../src/stages/validate.js';
import { startExtensions, type Extensions } from '../../../src/workers/extensions/index.js';
import { mapping } from '../../../src/workers/extensions/mapping.js';
import { createPair } from '../../../src/workers/extensions/pair.js';
import { packageRoot } from '../../../src/package-root.js';
import { aBatch, aPageFacts } from '../../support/builders.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-mapping-'));
const opened: { end(): void }[] = [];
afterAll(() => {
  for (const one of opened) one.end();
  rmSync(directory, { recursive: true, force: true });
});

/** A module with the source `odd`, whose mapper is this text. */
function moduleOf(name: string, mapper: string): string {
  const path = join(directory, `${name}.mjs`);
  const synthetic = join(packageRoot, 'dist/src/sources/synthetic.js');
  writeFileSync(
    path,
    `import { synthetic } from ${JSON.stringify(synthetic)};
     const event = (data, more) => ({ type: 'odd.event', identity: { kind: 'content' }, data, ...more });
     export const sources = [{ ...synthetic, type: 'odd', events: undefined, toEvents: ${mapper} }];`,
  );
  return path;
}

async function started(name: string, mapper: string): Promise<{ extensions: Extensions; source: Source }> {
  const path = moduleOf(name, mapper);
  const extensions = await startExtensions([path], () => {});
  opened.push(extensions);
  return { extensions, source: (await loadModules([path]))[0]!.sources[0]! };
}

const contextOf = (source: Source) => ({ source, options: source.options.parse({}), runId: 'run' });
const records = (count: number) => Array.from({ length: count }, (_, n) => Buffer.from(String(n)));
const letters = ({ dead }: Batch) => dead.map(({ ordinal, code, error }) => ({ ordinal, code, error }));

test('what JSON does not hold comes through: the events and their hashes are those of a mapper in the worker', async () => {
  const { extensions, source } = await started(
    'odd',
    `(record, { stream }) => [
      event({ when: new Date(0), nothing: undefined, zero: -0, list: [undefined, , 1], stream }),
      event({ not: NaN }), event({ big: 10n }), event({ map: new Map([[1, 2]]) }), event({ __proto__: null, a: '\\ud800' }),
      event(JSON.parse('{"__proto__":{"a":1}}')), event({ bytes: new Uint8Array([1, 2]) }),
      event({ n: 1 }, { raw: new Uint8Array([0, 255]), time: undefined, flags: ['odd'], subject: String(record) }),
      event({ toJSON: 1 }), event(new (class { constructor() { this.own = 1; } get got() { return 2; } })()),
      null, 7, {},
    ]`,
  );
  const batch = aBatch(records(3), {
    page: aPageFacts({
      streams: [
        ['a', 2],
        [null, 1],
      ],
    }),
  });
  const [here, there] = await Promise.all(
    [createValidate(), createValidate(extensions.mappers)].map(async (validate) =>
      hash.run(await validate.run(batch, contextOf(source)), contextOf(source)),
    ),
  );
  expect(here!.events).toHaveLength(30);
  expect(there).toEqual(here);
}, 60_000);

test('a page of 20,000 records is some dozens of questions', async () => {
  const path = moduleOf('many', `(record) => [event({ n: Number(record) })]`);
  const pair = createPair({ modules: [path], tell: () => {}, environment: {} });
  opened.push(pair);
  let questions = 0;
  const first = {
    ...pair.first,
    ask: (...asked: Parameters<typeof pair.first.ask>) => (questions++, pair.first.ask(...asked)),
  };
  const mappers = {
    types: new Set(['odd']),
    open: (...[page, type, options]: [never, string, unknown]) => mapping({ ...pair, first }, page, type, options),
  };
  const [source] = (await loadModules([path]))[0]!.sources;
  const batch = await createValidate(mappers).run(aBatch(records(20_000)), contextOf(source!));
  expect(batch.drafts.map(({ draft }) => draft.data.n)).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
  expect(questions).toBeLessThan(100);
}, 60_000);

test('after three records that end the process the rest of the page is refused unasked, and those before are events', async () => {
  const { extensions, source } = await started(
    'ending',
    `(record) => (/^(3|300|301|900)$/.test(record) ? process.exit(1) : [event({ n: Number(record) })])`,
  );
  const batch = await createValidate(extensions.mappers).run(aBatch(records(1_000)), contextOf(source));
  const ended = { code: 'mapper_failed', error: 'mapper odd ended its process (exit code 1) at this record' };
  const rest = { code: 'not_mapped', error: 'not mapped: odd ended or blocked its process 3 times on this page' };
  expect(letters(batch)).toEqual([
    ...[3, 300, 301].map((ordinal) => ({ ordinal, ...ended })),
    ...Array.from({ length: 698 }, (_, at) => ({ ordinal: 302 + at, ...rest })),
  ]);
  expect(batch.drafts).toHaveLength(299);
}, 120_000);

test('a page beside one whose records end the process gets all of its events', async () => {
  const { extensions, source } = await started(
    'beside',
    `(record) => (String(record) === 'end' ? process.exit(1) : [event({ n: Number(record) })])`,
  );
  const validate = createValidate(extensions.mappers);
  const [hurt, ...whole] = await Promise.all(
    [[Buffer.from('end'), ...records(5)], records(2_000), records(2_000)].map(async (some) =>
      validate.run(aBatch(some), contextOf(source)),
    ),
  );
  expect([hurt!.drafts.length, hurt!.dead.length]).toEqual([5, 1]);
  for (const { drafts, dead } of whole) expect([drafts.length, dead]).toEqual([2_000, []]);
}, 120_000);

test('what is mapped on and on is bounded by its record, not by its page: a mapper that is only slow is not ended', async () => {
  const { extensions, source } = await started(
    'slow',
    `(record) => { for (const until = Date.now() + 60; Date.now() < until;); return [event({ n: Number(record) })]; }`,
  );
  const batch = await createValidate(extensions.mappers).run(aBatch(records(110)), contextOf(source));
  expect([batch.drafts.length, letters(batch)]).toEqual([110, []]);
}, 120_000);
