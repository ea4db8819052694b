// `events` and `stats` as people run them: pages by cursor, JSON that is CloudEvents and nothing else, a table that is safe.
import { beforeAll, expect, inject, test } from 'vitest';
import type { EventDraft, Priority } from '../../src/domain/event.js';
import { persistPage } from '../../src/store/persist.js';
import { aPage, aSourceRow, anEvent, openedRun, stored } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { tributary, type Outcome } from './command.js';

const database = testDatabase();

beforeAll(async () => {
  const run = await openedRun(database.pool, aSourceRow({ id: 'acme/api' }));
  const drafts = Array.from({ length: 25 }, (_, at): Partial<EventDraft> => ({
    type: at % 5 === 0 ? 'git.commit' : 'git.file_change',
    time: new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString(),
    priority: (at === 24 ? 4 : 2) as Priority,
    subject: `subject ${at}`,
  }));
  const hostile = 'red \u001b[31m and\nmore \u202e 変更 ';
  const events = drafts.map((draft, at) =>
    stored(
      anEvent('acme/api', at, { title: `${at === 20 ? hostile : 'Change'} number ${at}`, path: `src/${at}.ts` }, draft),
    ),
  );
  await persistPage(database.pool, aPage(run, { events, ingestedAt: new Date() }));
});

function run(...words: string[]): Promise<Outcome> {
  return tributary(words, {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_HOME: '/nonexistent',
  });
}

test('with --json standard output is CloudEvents, and the cursor of the next page is on standard error', async () => {
  const ids: unknown[] = [];
  for (let after: string[] = []; ;) {
    const { code, items, err } = await run('events', 'acme/api', '--limit', '10', '--json', ...after);
    expect(code).toBe(0);
    for (const item of items)
      expect(item).toMatchObject({
        specversion: '1.0',
        source: 'acme/api',
        datacontenttype: 'application/json',
        data: { path: expect.any(String) as string },
      });
    ids.push(...items.map(({ id }) => id));
    if (err === '') break;
    after = ['--after', (JSON.parse(err) as { next: string }).next];
  }
  expect(ids).toEqual(Array.from({ length: 25 }, (_, at) => `event-${24 - at}`));
});

test('the oldest first', async () => {
  const { items } = await run('events', '--oldest', '--limit', '2', '--json');
  expect(items.map(({ id }) => id)).toEqual(['event-0', 'event-1']);
});

test('a listing longer than a page in memory is whole', async () => {
  const { items, err } = await run('events', '--limit', '1000', '--json');
  expect({ count: items.length, err }).toEqual({ count: 25, err: '' });
});

test('filters combine, and a page that ends the listing names no next one', async () => {
  const { items, err } = await run(
    'events',
    '--type',
    'git.c*',
    '--text',
    'number',
    '--since',
    '2026-01-01T00:05:00Z',
    '--until',
    '2026-01-01T00:20:00Z',
    '--json',
  );
  expect({ ids: items.map(({ id }) => id), err }).toEqual({ ids: ['event-15', 'event-10', 'event-5'], err: '' });
});

test('for people: a table without anything that steers a terminal, and how to go on', async () => {
  const { code, out, err } = await run('events', '--type', 'git.commit', '--limit', '2');
  expect(code).toBe(0);
  expect(out.split('\n')[0]).toMatch(/^time +type +source +subject +about$/);
  expect(out).toMatch(/^2026-01-01 00:20:00 +git\.commit +acme\/api +subject 20 +red {1,2}\[31m and more {1,3}変更/m);
  for (const steering of ['\u001b', '\u202e']) expect(out).not.toContain(steering);
  expect(err).toMatch(/^more: the same command with --after [\w-]+\n$/);
  expect((await run('events', '--text', 'nowhere')).out).toBe('no events match\n');
});

const refused: readonly (readonly [words: string[], names: string])[] = [
  [['--after', 'rubbish'], 'after: this is no cursor'],
  [['--type', 'a b'], 'type: found "a b", expected a type'],
  [['--text', '...'], 'text: found "...", expected at least one word'],
  [['--author', ''], 'author: found "", expected at least one word'],
  [['--path', '/etc/passwd'], 'path: found "/etc/passwd", expected a path from the root of the repository'],
  [['--commit', 'main'], 'commit: found "main", expected 4 to 64 hexadecimal digits'],
  [['--commit', 'abc'], 'commit: found "abc", expected 4 to 64'],
  [['--newest', '--oldest'], 'oldest: is given together with --newest'],
  [['acme/api', '--source', 'acme/web'], 'source: is given twice'],
  [['--since', '1d', '--until', '2d'], 'until: 2d is not after --since 1d'],
];

test.each(refused)('wrong use is one line and exit code 2: %j', async (words, names) => {
  const { code, out, err } = await run('events', ...words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`error: ${names}`);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
});

test('a cursor of other filters is refused', async () => {
  const { err } = await run('events', '--limit', '1', '--json');
  const { next } = JSON.parse(err) as { next: string };
  expect(await run('events', '--type', 'git.commit', '--after', next)).toMatchObject({
    code: 2,
    err: expect.stringContaining('error: after: this cursor belongs to a listing with other filters') as string,
  });
});

test('events show tells all of one: by its id, by its key, for programs and for people', async () => {
  const [event] = (await run('events', '--limit', '1', '--json')).items;
  const { id, epoch, page, ordinal } = event as Record<string, string | number>;
  const key = `acme/api@${epoch}.${page}.${ordinal}`;
  for (const name of [String(id), key])
    expect((await run('events', 'show', name, '--json')).items, name).toEqual([event]);
  expect((await run('events', '--keys', '--limit', '1')).out.split('\n')[1]).toMatch(new RegExp(`^${key} `));
  const { code, out } = await run('events', 'show', key);
  expect({ code, first: out.split('\n')[0] }).toEqual({ code: 0, first: 'git.file_change of acme/api' });
  expect(out).toMatch(/ +"title": "Change number 24"/);
  expect(out).not.toContain('\u001b');
});

test('stats: one object for programs, bars and tables for people', async () => {
  const { code, items } = await run('stats', '--json');
  expect(code).toBe(0);
  expect(items).toMatchObject([
    {
      days: 7,
      ever: { inserted: 25 },
      byType: { estimated: false, counts: { 'git.file_change': 20, 'git.commit': 5 } },
      byPriority: { counts: { 2: 24, 4: 1 } },
    },
  ]);
  const { out } = await run('stats', 'acme/api', '--days', '2');
  expect(out).toMatch(/^25 events stored, 25 in these 2 days/);
  expect(out).toMatch(/^ {2}\d{4}-\d\d-\d\d +25 +█{40}$/m);
  expect(out).toMatch(/^ {2}critical +1 +█+$/m);
  expect(out).toMatch(/acme\/api +synthetic +25/);
});

test('stats of nobody, or of no days, is wrong use', async () => {
  expect(await run('stats', 'acme/none')).toMatchObject({
    code: 2,
    err: 'error: source: no source acme/none is known; `tributary status` lists them\n',
  });
  expect(await run('stats', '--days', '0')).toMatchObject({
    code: 2,
    err: expect.stringContaining('error: days: found "0"') as string,
  });
});

test('an event that is none, or one of several, is wrong use', async () => {
  expect(await run('events', 'show', 'nothing')).toMatchObject({
    code: 2,
    err: expect.stringContaining('error: id: no event "nothing" is stored') as string,
  });
  const other = await openedRun(database.pool, aSourceRow({ id: 'acme/copy' }));
  await persistPage(database.pool, aPage(other, { events: [stored(anEvent('acme/copy', 1, { n: 1 }))] }));
  const twice = await run('events', 'show', 'event-1');
  expect(twice).toMatchObject({
    code: 2,
    err: expect.stringMatching(/is the name of 2 events.*acme\/api@.*acme\/copy@/),
  });
  expect((await run('events', 'show', 'event-1', '--source', 'acme/copy', '--json')).items).toMatchObject([
    { source: 'acme/copy' },
  ]);
});
