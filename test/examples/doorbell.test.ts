// examples/doorbell: a package of somebody else, packed and installed beside Tributary's tarball, by the README's own lines and
// queries; and rows D2 and D3 of what an event is enriched with: order, retries, figures and switches of processors.
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Processor } from '../../src/domain/processor.js';
import { loadModules } from '../../src/extensions/module.js';
import { packageRoot } from '../../src/package-root.js';
import { builtInSources } from '../../src/sources/index.js';
import { installTributary } from '../extensions/foreign-package.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { testWorker, uniqueQueue, uniqueSource } from '../support/temporal.js';
import { walkThrough, type Walk } from './walk.js';

type Read = (path: URL) => Promise<Buffer>;
interface Household {
  readonly householdFrom: (read?: Read) => () => Promise<object>;
}
interface Processors {
  readonly processorsOf: (household: () => Promise<object>) => Processor[];
}

const database = testDatabase();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-doorbell-')));
const directory = join(root, 'house');
const installed = join(directory, 'node_modules', 'acme-doorbell');
let walk: Walk;
let endWorker: () => Promise<number | null>;

/** What npm inherits: a registry is asked for nothing, and our own package is not built again. */
const npm = {
  npm_config_offline: 'true',
  npm_config_legacy_peer_deps: 'true',
  npm_config_ignore_scripts: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
};

beforeAll(async () => {
  mkdirSync(directory);
  symlinkSync(packageRoot, join(root, 'tributary'));
  walk = walkThrough('doorbell', directory, join(directory, 'node_modules/tributary-events/bin/tributary.js'), {
    ...npm,
    HOME: root,
    TRIBUTARY_HOME: join(root, 'home'),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: uniqueQueue('doorbell'),
    TRIBUTARY_ALLOW_VOLATILE: '1',
  });
});

afterAll(async () => {
  expect(await endWorker()).toBe(0);
  rmSync(root, { recursive: true });
});

/** All but what Tributary itself depends on, which is here already. */
async function install(): Promise<void> {
  const [pack, init, both] = walk.steps.map(({ command }) => command);
  for (const command of [pack!, init!, both!.replace('./tributary-events-*.tgz ', '')])
    expect(await walk.run(command), command).toMatchObject({ code: 0 });
  const tarball = readdirSync(directory).find((name) => name.startsWith('tributary-events-'))!;
  installTributary(join(directory, tarball), directory);
}

/** What each line after the installation shows. */
const shown: readonly (readonly [RegExp, RegExp])[] = [
  [/^export /, /^$/],
  [/types test/, /ok {6}read to its end, has nothing new, again and again/],
  [/types doorbell/, /chunkBytes[^]*doorbell\.pressed[^]*doorbell_faces/],
  [/sync doorbell/, /inserted +26\n/],
  [/events house/, /doorbell\.face_recognised +house\/doorbells +front-door +1 in view/],
  [/events show/, /1 unknown in the night/],
  [/dead-letters list/, /not_json[^]*unknown_kind|unknown_kind[^]*not_json/],
  [/sync house/, /nothing new, inserted 0 in [^]*\(26 events are stored\)/],
  [/verify/, /lost 0.*doubled 0.*invented 0.*altered 0/],
  [/^cp /, /^$/],
  [/^npm test/, /fail 0/],
];

test('every line of the walk works as it stands, in a project that has nothing but the two tarballs', async () => {
  await install();
  const steps = walk.steps.slice(3);
  expect(steps).toHaveLength(shown.length);
  for (const [at, { command }] of steps.entries()) {
    const [words, output] = shown[at]!;
    expect(command).toMatch(words);
    const { code, out, err } = await walk.run(command);
    expect(code, `${command}\n${out}${err}`).toBe(0);
    expect.soft(out, command).toMatch(output);
    if (at === 0) await worker();
  }
});

async function worker(): Promise<void> {
  endWorker = walk.startWorker();
  const polls = async (): Promise<boolean> => (await database.pool.query('select from workers')).rowCount === 1;
  await eventually('the worker says that it is there', polls);
}

async function answers(at: number): Promise<unknown[]> {
  return (await database.pool.query(walk.queries[at]!)).rows;
}

test('an event has the fields of its type, who was there, and whether it is of concern; processors run after those they need', async () => {
  expect((await answers(0)).slice(-4)).toMatchObject([
    { at: '2026-03-14T18:04:36.871+01:00', visit: 'v-0314-6', people: '["Ana"]', concern: null },
    { at: '2026-03-15T02:13:24.450+01:00', visit: 'v-0315-1', people: '[]', concern: '1 unknown in the night' },
    { visit: 'v-0315-1', people: '[]', concern: '1 unknown in the night' },
    { visit: 'v-0315-3', people: '["Ben"]', concern: null },
  ]);
  const { rows } = await database.pool.query(
    `select enrichment -> 'moment' as moment, enrichment -> 'details' as details, priority from events where id = any($1) order by id`,
    [['front-door/fd-0017', 'front-door/fd-0020', 'garden-gate/gg-0001']],
  );
  expect(rows).toEqual([
    {
      moment: { iso: '2026-03-15T02:13:30.900+01:00', unix: 1_773_537_210, part: 'night' },
      details: { press: 'long' },
      priority: 3,
    },
    { moment: null, details: { seconds: 0.6, strong: false }, priority: 1 },
    {
      moment: { iso: '2026-03-14T08:31:40.900+01:00', unix: 1_773_473_500, part: 'morning' },
      details: { seconds: 3.1, strong: true },
      priority: 1,
    },
  ]);
});

test('the ids of visits and causes tie events of both devices together, and each event has its time, age, host, run and page', async () => {
  expect((await answers(1)).at(-2)).toMatchObject({
    visit: 'v-0315-1',
    story: 'motion → motion → face_recognised → pressed → face_recognised',
    caused: '3',
  });
  const { rows } = await database.pool.query(
    `select source_type, time, unix_ms, age > interval '0' as aged, host is not null as placed, run_id is not null as ran, workflow_id, page,
            parent_id, correlation_id from event_metadata where event_id = 'front-door/fd-0018'`,
  );
  expect(rows).toEqual([
    {
      source_type: 'doorbell',
      time: new Date('2026-03-15T01:13:41.377Z'),
      unix_ms: '1773537221377',
      aged: true,
      placed: true,
      ran: true,
      workflow_id: 'sync/house/doorbells',
      page: 1,
      parent_id: 'front-door/fd-0017',
      correlation_id: 'v-0315-1',
    },
  ]);
});

test('what each processor did is counted', async () => {
  const counted = (processor: string, processed: number) =>
    expect.objectContaining({ processor, processed: String(processed), skipped: String(26 - processed), failed: '0' });
  expect(await answers(2)).toEqual([
    expect.objectContaining({ processor: 'code' }),
    counted('concern', 8),
    counted('details', 18),
    counted('metadata', 26),
    counted('moment', 25),
    counted('recognition', 8),
  ]);
});

const busy = Object.assign(new Error('too many open files'), { code: 'EMFILE' });

test('a failure that passes is tried again; one that stays is noted, with those that need it; a processor can be off', async () => {
  const [{ householdFrom }, { processorsOf }] = (await Promise.all(
    ['household.js', 'processors.js'].map((name) => import(pathToFileURL(join(installed, name)).href)),
  )) as [Household, Processors];
  const { sources } = (await loadModules([join(installed, 'index.js')]))[0]!;
  const fails = [busy, busy];
  let household = householdFrom((path) => (fails.length > 0 ? Promise.reject(fails.pop()!) : readFile(path)));
  const own = await testWorker(database, {
    sources: [...builtInSources, ...sources],
    processors: processorsOf(() => household()),
    enrichOff: ['details'],
  });
  const [passing, lasting] = [uniqueSource('passing'), uniqueSource('lasting')];
  const sync = (id: string) =>
    own.sync({ source: { type: 'doorbell', id, options: { path: join(installed, 'recording') } } });
  try {
    expect(await sync(passing)).toMatchObject({ inserted: 26, skipped_duplicate: 1, dead_letters: 2 });
    household = householdFrom(async () => Buffer.from('{'));
    expect(await sync(lasting)).toMatchObject({ inserted: 26, skipped_duplicate: 1, dead_letters: 2 });
  } finally {
    await own.stop();
  }
  const { rows } = await database.pool.query(
    `select source like 'passing%' as passing, processor, processed::int, failed::int, retried > 0 as retried from run_processors
      where source = any($1) and processor = any($2) order by 1, 2`,
    [
      [passing, lasting],
      ['concern', 'details', 'recognition'],
    ],
  );
  expect(rows).toEqual([
    { passing: false, processor: 'concern', processed: 0, failed: 0, retried: false },
    { passing: false, processor: 'recognition', processed: 0, failed: 8, retried: false },
    { passing: true, processor: 'concern', processed: 8, failed: 0, retried: false },
    { passing: true, processor: 'recognition', processed: 8, failed: 0, retried: true },
  ]);
  const noted = await database.pool.query(
    `select enrichment ->> 'concern' as concern, enrichment -> 'recognition' ? 'error' as failed from events
      where source = $1 and id = 'front-door/fd-0016'`,
    [lasting],
  );
  expect(noted.rows).toEqual([{ concern: '{"skipped": "needs recognition, which failed"}', failed: true }]);
});
