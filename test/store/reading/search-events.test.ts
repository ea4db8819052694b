// Events are found by every filter and all of them together, in one order, on pages that never share or miss an event.
import { beforeAll, expect, test } from 'vitest';
import type { EventDraft, JsonObject, Priority } from '../../../src/domain/event.js';
import type { EventFilter, EventOrder, EventPlace } from '../../../src/store/reading/event-filter.js';
import { listEventTypes } from '../../../src/store/reading/type-filter.js';
import { copyEvents } from '../../../src/store/events.js';
import { searchEvents, type EventRow } from '../../../src/store/reading/search-events.js';
import { inTransaction } from '../../../src/store/transaction.js';
import { anEvent, stored } from '../../support/builders.js';
import { testDatabase } from '../../support/database.js';
import { createRegistry } from '../../../src/sources/index.js';

const { catalogue } = createRegistry();

const database = testDatabase();
let pages = 0;

async function store(source: string, drafts: readonly EventDraft[]): Promise<void> {
  const ingestedAt = new Date(Date.UTC(2026, 10, 1) + pages++ * 1_000);
  await inTransaction(database.pool, (session) =>
    copyEvents(
      session,
      { source, epoch: 1, page: pages, ingestedAt },
      drafts.map((draft, at) => stored(anEvent(source, at, draft.data, draft))),
    ),
  );
}

const people = [
  ['Jane Doe', 'jane.doe@example.org'],
  ['Joe Öz', 'joe@example.net'],
] as const;
const sha = (at: number): string => `${at.toString(16).padStart(4, '0')}${'ab'.repeat(18)}`;
const timeOf = (at: number): string => new Date(Date.UTC(2026, 0, 1) + at * 60_000).toISOString();

function commit(at: number, message: string, paths: readonly string[], time: string | null = timeOf(at)): EventDraft[] {
  const [name, email] = people[at % people.length]!;
  const when = time === null ? {} : { time };
  return [
    {
      type: 'git.commit',
      identity: { kind: 'immutable', key: sha(at) },
      subject: sha(at),
      data: { sha: sha(at), author: { name, email }, message, subject: message },
      ...when,
    },
    ...paths.map((path): EventDraft => ({
      type: 'git.file_change',
      identity: { kind: 'immutable', key: `${sha(at)}:${path}` },
      subject: path,
      data: { commit: sha(at), path, change: 'modified' },
      ...when,
    })),
  ];
}

function other(key: string, data: JsonObject, priority: Priority, time: string | undefined): EventDraft {
  return {
    type: 'chat.message',
    identity: { kind: 'immutable', key },
    data,
    priority,
    ...(time === undefined ? {} : { time }),
  };
}

beforeAll(async () => {
  await store('acme/api', [
    ...commit(1, 'Fix the parser', ['src/parser.ts', 'docs/parser.md']),
    ...commit(2, 'Teach the parser "raw strings"', ['src/parser.ts', 'src/parser-test.ts', 'src/deep/er/a.ts']),
    ...commit(3, 'Remove what nobody used\n\nIt was only in the way: see jane.doe@example.org.', [
      'src/parser',
      `src/${'long/'.repeat(200)}x.ts`,
    ]),
    ...commit(4, 'A date no calendar has', ['src/parser.ts'], null),
  ]);
  await store('acme/web', [
    ...commit(5, 'Fix a colour', ['src/colour.ts']),
    // As large as a message may be: its words are indexed from the beginning only, and it is stored all the same.
    ...commit(6, `Import ${'word'.repeat(30)} ${'many words '.repeat(50_000)}`, ['src/%_*.ts']),
  ]);
  await store('acme/chat', [
    other('m1', { text: 'The parser is broken!' }, 4, timeOf(2)),
    other('m2', { title: 'A question', body: 'Who fixes the colour?' }, 3, timeOf(7)),
    other('m3', { n: 1 }, 1, undefined),
    other('m4', { n: 2 }, 2, undefined),
  ]);
  await database.pool.query('analyze events');
});

async function found(filter: EventFilter, order: EventOrder = 'newest'): Promise<string[]> {
  const events = await searchEvents(database.workerPool, { filter, order, limit: 100 }, catalogue);
  return events.map(({ id }) => id.replaceAll('ab', ''));
}

/** Every filter alone has a row here, and those that mean something together. */
const questions: readonly (readonly [string, EventFilter, string[]])[] = [
  ['source', { source: 'acme/chat' }, ['m2', 'm1', 'm4', 'm3']],
  ['an unknown source', { source: 'acme/none' }, []],
  ['types', { types: ['chat.message', 'git.none'] }, ['m2', 'm1', 'm4', 'm3']],
  ['a pattern of types', { types: ['git.c*'] }, ['0006', '0005', '0003', '0002', '0001', '0004']],
  ['a dot in a pattern is a dot', { types: ['git?commit', 'gitxc*'] }, []],
  ['priority', { priority: 3 }, ['m2', 'm1']],
  ['priority, all but the lowest', { priority: 2, source: 'acme/chat' }, ['m2', 'm1', 'm4']],
  [
    'since and until, the end excluded',
    { since: new Date(timeOf(2)), until: new Date(timeOf(5)), types: ['git.commit'] },
    ['0003', '0002'],
  ],
  ['words', { text: 'PARSER' }, ['0002', 'm1', '0001']],
  ['words of title and body', { text: 'question colour' }, ['m2']],
  ['words next to each other', { text: '"raw strings"' }, ['0002']],
  ['words that must not be there', { text: 'fix -parser' }, ['0005']],
  ['either word', { text: 'broken or colour' }, ['m2', '0005', 'm1']],
  ['the beginning of a word is not the word', { text: 'pars' }, []],
  ['an address in a text', { text: 'jane.doe@example.org' }, ['0003']],
  ['a word of the author', { author: 'jane' }, ['0006', '0002', '0004']],
  ['the address of the author', { author: 'Joe@Example.net' }, ['0005', '0003', '0001']],
  ['a name that is not ASCII', { author: 'öz' }, ['0005', '0003', '0001']],
  [
    'changes of an author',
    { author: 'jane', types: ['git.file_change'] },
    ['0006:src/%_*.ts', '0002:src/parser.ts', '0002:src/parser-test.ts', '0002:src/deep/er/a.ts', '0004:src/parser.ts'],
  ],
  ['a commit', { commit: sha(2) }, ['0002:src/parser.ts', '0002:src/parser-test.ts', '0002:src/deep/er/a.ts', '0002']],
  ['the beginning of a commit', { commit: '0001' }, ['0001:src/parser.ts', '0001:docs/parser.md', '0001']],
  ['a commit without a time', { commit: sha(4) }, ['0004:src/parser.ts', '0004']],
  ['no such commit', { commit: 'ffff' }, []],
  ['a file', { path: { file: 'src/parser', prefix: 'src/parser/', regex: null } }, ['0003:src/parser']],
  ['a folder', { path: { file: 'src/deep', prefix: 'src/deep/', regex: null } }, ['0002:src/deep/er/a.ts']],
  [
    'a pattern',
    { path: { file: null, prefix: 'src/', regex: String.raw`^src/[^/]*-test\.ts$` } },
    ['0002:src/parser-test.ts'],
  ],
  ['a pattern from the start', { path: { file: null, prefix: '', regex: String.raw`\.md$` } }, ['0001:docs/parser.md']],
  [
    'a path with signs of a pattern',
    { path: { file: 'src/%_*.ts', prefix: 'src/%_*.ts/', regex: null } },
    ['0006:src/%_*.ts'],
  ],
  [
    'commits that changed a file',
    { path: { file: 'src/parser.ts', prefix: 'src/parser.ts/', regex: null }, types: ['git.commit'] },
    ['0002', '0001', '0004'],
  ],
  [
    'changes of a file by an author',
    { path: { file: 'src/parser.ts', prefix: 'src/parser.ts/', regex: null }, author: 'jane' },
    ['0002:src/parser.ts', '0004:src/parser.ts'],
  ],
  [
    'commits with a word, of a file, by an author',
    { path: { file: 'src/parser.ts', prefix: 'src/parser.ts/', regex: null }, text: 'parser', author: 'joe' },
    ['0001'],
  ],
  [
    'the change of a file in a commit',
    { commit: sha(1), path: { file: null, prefix: 'docs/', regex: null } },
    ['0001:docs/parser.md'],
  ],
  [
    'source, type, word and time',
    { source: 'acme/web', types: ['git.*'], text: 'fix', since: new Date(timeOf(5)) },
    ['0005'],
  ],
  ['a filter of git with another type', { author: 'jane', types: ['chat.message'] }, []],
];

test.each(questions)('%s', async (_, filter, expected) => {
  const ids = await found(filter);
  // Those of one time stand in the order of their ids.
  expect(ids.toSorted()).toEqual(expected.toSorted());
  expect(await found(filter, 'oldest')).toHaveLength(expected.length);
});

function place({ time, ingestedAt, source, id }: EventRow): EventPlace {
  return { time, ingestedAt, source, id };
}

async function listed(
  order: EventOrder,
  pageSize: number,
  filter: EventFilter = {},
  between: (page: number) => Promise<void> = async () => {},
): Promise<EventRow[][]> {
  const found: EventRow[][] = [];
  for (let after: EventPlace | undefined; ;) {
    const events = await searchEvents(database.pool, { filter, order, limit: pageSize, after }, catalogue);
    if (events.length === 0) return found;
    found.push(events);
    after = place(events.at(-1)!);
    await between(found.length);
  }
}

test('the newest first, those without a time last, and the oldest first', async () => {
  const [all] = await listed('newest', 1_000);
  const times = all!.map(({ time }) => time);
  const timed = times.filter((time) => time !== null);
  expect(times).toEqual([...timed.toSorted().reverse(), ...times.filter((time) => time === null)]);
  const [oldest] = await listed('oldest', 1_000);
  expect(oldest!.map(({ time }) => time)).toEqual([...timed.toSorted(), ...times.filter((time) => time === null)]);
});

test.each([1, 2, 3, 7])('pages of %i are disjoint and together all', async (size) => {
  for (const order of ['newest', 'oldest'] as const) {
    const [all] = await listed(order, 1_000);
    const pages = await listed(order, size);
    expect(pages.flat().map(({ source, id }) => `${source} ${id}`)).toEqual(
      all!.map(({ source, id }) => `${source} ${id}`),
    );
    const [fixed] = await listed(order, 1_000, { text: 'parser' });
    expect((await listed(order, 1, { text: 'parser' })).flat()).toEqual(fixed);
  }
});

test('pages stay disjoint, and miss nothing that was there, while events arrive', async () => {
  const filter = { source: 'acme/busy' };
  const draft = (at: number): EventDraft => ({
    type: 'busy',
    identity: { kind: 'immutable', key: `b${at}` },
    data: {},
    time: timeOf(at),
  });
  await store(
    filter.source,
    Array.from({ length: 20 }, (_, at) => draft(at * 10)),
  );
  const before = (await listed('newest', 100, filter)).flat().map(({ id }) => id);
  const pages = await listed('newest', 3, filter, async (page) => {
    // One newer than all, and one amid what was listed already.
    if (page <= 5) await store(filter.source, [draft(1_000 + page), draft(195 - page)]);
  });
  const ids = pages.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(before));
});

test('what is frequent is found by walking and what is rare by gathering, with the same answer', async () => {
  const filter = { source: 'acme/many' };
  const [name, email] = ['Ann Other', 'ann@example.org'];
  const drafts = Array.from({ length: 4_000 }, (_, at) =>
    commit(10_000 + at, at < 50 ? 'ancient history' : 'frequent change', [
      at < 50 ? `old/${at}.ts` : `new/${at % 9}.ts`,
    ]),
  ).flat();
  await store(
    filter.source,
    drafts.map((draft) => ({
      ...draft,
      data: { ...draft.data, ...(draft.type === 'git.commit' ? { author: { name, email } } : {}) },
    })),
  );
  const ask = async (more: EventFilter): Promise<number> =>
    (await searchEvents(database.pool, { filter: { ...filter, ...more }, order: 'newest', limit: 100 }, catalogue))
      .length;
  expect(await ask({ text: 'frequent' })).toBe(100);
  expect(await ask({ text: 'ancient' })).toBe(50);
  expect(await ask({ path: { file: null, prefix: 'old/', regex: null } })).toBe(50);
  expect(await ask({ path: { file: null, prefix: 'old/', regex: null }, types: ['git.commit'] })).toBe(50);
  expect(await ask({ path: { file: null, prefix: 'old/', regex: null }, author: 'ann' })).toBe(50);
  expect(await ask({ path: { file: null, prefix: 'old/', regex: null }, text: 'ancient', author: 'ann' })).toBe(50);
  expect(await ask({ text: 'nowhere' })).toBe(0);
});

test('types are found without reading the events', async () => {
  expect(await listEventTypes(database.pool)).toEqual(
    expect.arrayContaining(['chat.message', 'git.commit', 'git.file_change']),
  );
});

const byIndex: readonly (readonly [string, EventFilter, RegExp])[] = [
  ['words', { text: 'nowhere' }, /event_words_idx/],
  ['author', { author: 'nobody' }, /author_words_idx/],
  ['path', { path: { file: 'no', prefix: 'no/', regex: null } }, /_left_idx/],
  ['commit', { commit: 'ffff' }, /_coalesce_idx/],
  ['priority', { priority: 4, source: 'acme/many' }, /(\d|default)_time_idx/],
];

test.each(byIndex)('what is rare is looked up by its index: %s', async (_, filter, index) => {
  // A statement that an index does not serve would still be right, and a thousand times slower on a full store.
  const plans: string[] = [];
  const session = await database.pool.connect();
  try {
    await session.query('set enable_seqscan = off');
    const watched = {
      query: async (text: string, values: unknown[]) => {
        const { rows } = await session.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return session.query(text, values);
      },
    };
    await searchEvents(watched as never, { filter, order: 'newest', limit: 10 }, catalogue);
    expect(plans.join('\n')).toMatch(index);
  } finally {
    session.release(true);
  }
});
