// Many sources in one file: planned, applied, changed, taken out, dumped; on a Temporal and a Postgres that are not ours.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyCommand } from '../../src/clients/commands/config-apply.js';
import { planCommand } from '../../src/clients/commands/config-plan.js';
import { openTerminal } from '../../src/clients/terminal/terminal.js';
import { loadConfig } from '../../src/config.js';
import { documentedExample } from '../support/documented-example.js';
import { testDatabase } from '../support/database.js';
import { tributary } from './command.js';
import { eventually } from '../support/eventually.js';
import { smallRepository } from '../support/small-repository.js';
import { uniqueSource } from '../support/temporal.js';
import { workerProcess } from '../support/worker-process.js';

const database = testDatabase();
const worker = workerProcess(database);
const { run } = worker;
const folder = mkdtempSync(join(tmpdir(), 'tributary-config-'));
const file = join(folder, 'tributary.yaml');

const config = (verb: string, ...words: string[]) => run('config', verb, '--file', file, '--json', ...words);

/** What changes nothing is asked in this process: each of its own costs a second. */
async function still(work: typeof planCommand) {
  const [items, notes]: [Told[], string[]] = [[], []];
  const kept = {
    item: (item: unknown) => void items.push(item as Told),
    note: (line: string) => void notes.push(line),
  };
  const terminal = { ...openTerminal(true), ...kept };
  const command = { config: loadConfig({ ...worker.environment(), TRIBUTARY_CONFIG: file }), terminal };
  return { code: await work(command, {}), items, err: notes.join('\n') };
}

interface Told {
  readonly outcome?: string;
  readonly change?: string;
  readonly source?: string;
}

/** `create a`, in the order in which they were told. */
function changes(items: readonly Told[]): string[] {
  return items.filter(({ change }) => change !== undefined).map(({ change, source }) => `${change} ${source}`);
}

async function nothingToDo(): Promise<void> {
  expect((await still(planCommand)).items).toMatchObject([{ outcome: 'planned', changes: 0 }]);
  expect(await still(applyCommand)).toMatchObject({ code: 0, items: [{ outcome: 'nothing' }] });
}

async function stored(id: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    'select count(*)::integer as count from events where source = $1',
    [id],
  );
  return rows[0]!.count;
}

// Some thirty commands, one after the other.
const manyMs = 180_000;

test(
  'six sources from nothing; changed; one taken out, and then pruned; each apply is done once',
  { timeout: manyMs },
  async () => {
    const [api, web, feed, tick, slow, old] = ['api', 'web', 'feed', 'tick', 'slow', 'old'].map((name) => uniqueSource(name)) as [string, string, string, string, string, string]; // prettier-ignore
    smallRepository(folder, 'api');
    smallRepository(folder, 'web');
    const first = `
sources:
  ${api}: { type: git, options: { url: ./api }, schedule: { every: 1h } }
  ${web}:
    type: git
    options: { url: ./web, renames: false }
    follow: 1m
    settings: { priorities: [{ type: git.*, priority: 4 }], rawRetentionDays: 30 }
  ${feed}: { type: synthetic, options: { events: 20 }, schedule: { cron: '0 4 * * *', timezone: Europe/Berlin, jitter: 5m } }
  ${tick}: { type: synthetic, options: { events: 10 }, follow: true }
  ${slow}: { type: synthetic, options: { events: 10 }, paused: { reason: ticket 812 } }
  ${old}: { type: synthetic, options: { events: 30 }, schedule: { every: 5m, paused: true }, follow: 1h }
`;
    writeFileSync(file, first);
    const planned = await still(planCommand);
    expect(planned).toMatchObject({ code: 0, err: '' });
    expect(changes(planned.items)).toHaveLength(6 + 3 + 1 + 1);
    const applied = await config('apply');
    expect(applied).toMatchObject({ code: 0, err: '' });
    expect(changes(applied.items)).toEqual(changes(planned.items));
    await nothingToDo();
    await eventually(
      'all that is read is stored',
      async () => (await stored(old)) === 30 && (await stored(feed)) === 20,
    );
    // It was paused before it read anything.
    expect(await stored(slow)).toBe(0);
    const set = await database.pool.query('select options, settings from sources where id = $1', [web]);
    expect(set.rows[0]).toMatchObject({
      options: { url: join(folder, 'web'), renames: false },
      settings: { mode: 'follow', pollIntervalMs: 60_000, rawRetentionDays: 30, priorities: [{ type: 'git.*' }] },
    });
    const { spec, state } = await worker.temporal.client.schedule.getHandle(`sync/${feed}`).describe();
    expect(spec).toMatchObject({ jitter: 300_000 });
    expect(state.paused).toBe(false);

    writeFileSync(
      file,
      first
        .replace('every: 1h', 'every: 2h')
        .replace('renames: false', 'renames: true')
        .replace('timezone: Europe/Berlin, jitter: 5m', 'timezone: Europe/Paris')
        .replace('paused: { reason: ticket 812 }', 'settings: { batch.events: 500 }')
        .replace('every: 5m, paused: true', 'every: 5m')
        .replace('follow: true', 'follow: 30s'),
    );
    const changed = await config('apply');
    expect(changed).toMatchObject({ code: 0, err: '' });
    expect(changes(changed.items)).toEqual([
      `schedule ${api}`,
      `set ${web}`,
      // A follower goes by the options it was opened with.
      `follow ${web}`,
      `schedule ${feed}`,
      // It takes up its interval by itself.
      `set ${tick}`,
      `set ${slow}`,
      `resume ${slow}`,
      `resume schedule ${old}`,
    ]);
    await nothingToDo();
    await eventually('what was paused is read', async () => (await stored(slow)) === 10);

    const without = first.split('\n').filter((line) => !line.includes(old)).join('\n'); // prettier-ignore
    writeFileSync(file, without.replace('paused: { reason: ticket 812 }', ''));
    const shown = await run('config', 'plan', '--file', file);
    expect(shown.out).toMatch(new RegExp(`end follow +${old} +after the pages in flight; what is stored stays`));
    const out = await config('apply');
    expect(changes(out.items).filter((one) => one.endsWith(old))).toEqual([
      `set ${old}`,
      `end follow ${old}`,
      `end schedule ${old}`,
    ]);
    expect(out.code).toBe(0);
    await nothingToDo();
    expect(await stored(old)).toBe(30);

    expect(await config('apply', '--prune')).toMatchObject({ code: 2, err: expect.stringContaining('expected --yes') });
    expect(await stored(old)).toBe(30);
    expect(await config('plan', '--prune')).toMatchObject({
      items: [{ change: 'remove', source: old, events: 30 }, {}],
    });
    expect(await config('apply', '--prune', '--yes')).toMatchObject({ code: 0 });
    expect(await stored(old)).toBe(0);
    await nothingToDo();

    const dump = await run('config', 'dump', '--file', file);
    expect(dump).toMatchObject({ code: 0 });
    writeFileSync(file, dump.out);
    await nothingToDo();
    // Ended, so that the worker stops.
    writeFileSync(file, 'sources: {}\n');
    expect(await config('apply')).toMatchObject({ code: 0 });
    await nothingToDo();
  },
);

test('what cannot be made is told, with a bad exit code; the rest is made, and a second apply completes it', async () => {
  const [good, bad, third] = ['good', 'bad', 'third'].map((name) => uniqueSource(name)) as [string, string, string];
  const text = (place: string): string => `sources:
  ${good}: { type: synthetic, options: { events: 10 } }
  ${bad}: { type: git, options: { url: ${place} }, schedule: { every: 1h } }
  ${third}: { type: synthetic, options: { events: 10 }, schedule: { cron: "61 * * * *" } }
`;
  writeFileSync(file, text('./nowhere'));
  const applied = await config('apply');
  expect(applied.code).toBe(2);
  expect(applied.items.at(-1)).toMatchObject({ outcome: 'applied', failed: 2 });
  const failed = applied.items.filter(({ outcome }) => outcome === 'failed');
  expect(failed).toMatchObject([
    { change: 'create', source: bad, problem: expect.stringContaining('nowhere') },
    { change: 'schedule', source: third, problem: expect.stringContaining('cron') },
  ]);
  expect(changes((await still(planCommand)).items)).toEqual([`create ${bad}`, `schedule ${third}`]);
  smallRepository(folder, 'there');
  writeFileSync(file, text('./there').replace('61', '1'));
  expect(await config('apply')).toMatchObject({ code: 0, items: [{}, {}, { done: 2, failed: 0 }] });
  await nothingToDo();
  writeFileSync(file, 'sources: {}\n');
  expect(await config('apply')).toMatchObject({ code: 0 });
});

test('the example of docs/configuration.md is applied as it stands', async () => {
  const place = mkdtempSync(join(tmpdir(), 'tributary-example-'));
  for (const name of ['api', 'web']) smallRepository(place, name);
  const example = join(place, 'tributary.yaml');
  writeFileSync(example, documentedExample());
  // The worker that runs enriches, and holds no other memory: it was started without the file.
  const words = ['--file', example, '--json'];
  const applied = await tributary(['config', 'apply', ...words], {
    ...worker.environment(),
    TRIBUTARY_ENRICH_OFF: ',',
  });
  expect(applied.err).toContain('TRIBUTARY_MEMORY is 600MiB here');
  expect(applied).toMatchObject({ code: 0 });
  expect(changes(applied.items)).toEqual([
    'create acme/api',
    'create acme/web',
    'schedule acme/web',
    'create acme/made-up',
    'pause acme/made-up',
  ]);
  writeFileSync(file, 'sources: {}\n');
  expect(await config('apply')).toMatchObject({ code: 0 });
});

test('a person’s pause outlives an apply, until the file says otherwise', async () => {
  const id = uniqueSource('incident');
  const text = (more: string): string => `sources: { ${id}: { type: synthetic, options: { events: 10 }, schedule: { every: 1h }${more} } }\n`; // prettier-ignore
  writeFileSync(file, text(''));
  expect(await config('apply')).toMatchObject({ code: 0 });
  await eventually('it is read', async () => (await stored(id)) === 10);
  await run('pause', id, '--reason', 'incident 7');
  await run('schedule', 'pause', id, '--reason', 'night');
  const plan = await still(planCommand);
  expect(plan).toMatchObject({ code: 0, items: [{ changes: 0 }] });
  expect(plan.err).toMatch(/was paused by .*, and stays so[^]*its schedule was paused by a person/);
  writeFileSync(file, text(', paused: false').replace('every: 1h', 'every: 1h, paused: false'));
  const applied = await config('apply');
  expect(changes(applied.items)).toEqual([`resume schedule ${id}`, `resume ${id}`]);
  await nothingToDo();
});

test('a source that the file would make another is refused where it says so, and nothing is done', async () => {
  const [id, other] = [uniqueSource('fixed'), uniqueSource('unmade')];
  await run('sync', 'synthetic', '--id', id, '--set', 'events=10');
  for (const [entry, message] of [
    ['type: git, options: { url: ./api }', /tributary\.yaml:3:\d+: sources\..*\.type: .* is a synthetic source/],
    ['type: synthetic, options: { seed: 9 }', /tributary\.yaml:3:\d+: sources\..*\.options: would make it a source of/],
    [
      'type: synthetic, settings: { stages: [validate, nosuch] }',
      /sources\..*\.settings\.stages\.1: this worker has no/,
    ],
  ] as const) {
    writeFileSync(file, `sources:\n  ${other}: { type: synthetic }\n  ${id}: { ${entry} }\n`);
    await expect(still(applyCommand)).rejects.toThrow(message);
  }
  expect((await run('sources', 'show', other)).code).toBe(2);
});
