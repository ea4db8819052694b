// A source of somebody else, from its own package, through every command: what docs/adding-a-source.md promises.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { NeedsAttention as Ours } from '../../src/domain/errors.js';
import { loadModules } from '../../src/extensions/module.js';
import { packageRoot } from '../../src/package-root.js';
import { builtInSources } from '../../src/sources/index.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { testWorker, uniqueQueue, uniqueSource } from '../support/temporal.js';
import { foreignProject, manualCommands, type ForeignProject } from './foreign-package.js';

const database = testDatabase();
const queue = uniqueQueue('foreign');
const id = uniqueSource('acme/notes');
let project: ForeignProject;
let worker: ReturnType<typeof start>;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(words: readonly string[], more: Record<string, string> = {}, program = project.program) {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TRIBUTARY_ALLOW_VOLATILE: '1',
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: queue,
    TRIBUTARY_HOME: join(project.directory, 'home'),
    TRIBUTARY_EXTENSIONS: 'acme-notes',
    ...more,
  };
  const child = spawn(process.execPath, [program, ...words], {
    cwd: project.directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return { child, ended: once(child, 'close').then(([code]): Ended => ({ code: code as number | null, out, err })) };
}

function run(words: readonly string[], more?: Record<string, string>, program?: string): Promise<Ended> {
  return start(words, more, program).ended;
}

function items({ out }: Ended): Record<string, unknown>[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** As the manual has it, with an id of this test's own. */
function manualWords(command: string): string[] {
  const line = manualCommands.find((one) => one.includes(`tributary ${command}`))!;
  return line
    .split(' ')
    .slice(2)
    .map((word) => (word === 'acme/notes' ? id : word));
}

beforeAll(async () => {
  project = foreignProject();
  worker = start(['worker']);
  const seen = async (): Promise<boolean> => (await database.pool.query('select from workers')).rowCount === 1;
  await eventually('the worker says that it is there', seen);
}, 120_000);

afterAll(async () => {
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
  expect((await database.pool.query('select from workers')).rowCount).toBe(0);
  project.remove();
});

test('the tarball holds what is exported and run, and nothing of tests and benches', () => {
  expect(project.packed).toEqual(
    expect.arrayContaining([
      'dist/src/index.js',
      'dist/src/testing/index.js',
      'dist/workflow-bundle.js',
      'bin/tributary.js',
      'sql/0001_store.sql',
      'sh/guard.sh',
    ]),
  );
  expect(project.packed.filter((path) => /^(test|bench|src|dist\/(test|bench))\//.test(path))).toEqual([]);
});

test('the manual is short, and its source keeps the contract, as its command tells', async () => {
  const tested = await run(manualWords('types test'));
  expect(tested).toMatchObject({ code: 0, err: '' });
  expect(tested.out).toContain('ok      read to its end, has nothing new, again and again');
  expect(tested.out).not.toContain('not ok');
});

test('types, help and completion know it', async () => {
  const shown = await run(manualWords('types acme-notes'));
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toMatch(/chunkBytes +whole number +65536 +64 to 1048576 +read at once; no line may be longer/);
  expect(shown.out).toMatch(/acme\.note +experimental +acme_notes +a note, with its title and text/);
  expect((await run(['sync', 'acme-notes', '--help'])).out).toContain('read at once; no line may be longer');
  expect((await run(['sync', '--help'])).out).toMatch(/acme-notes +1 +notes of a file of JSON lines/);
  expect((await run(['completion', 'bash'])).out).toMatch(/words='acme-notes api_log git synthetic'[\s\S]*acme\.note/);
});

test('it is synced, listed with its own line, found by its words, and proved', async () => {
  const [synced] = items(await run([...manualWords('sync'), '--json']));
  expect(synced).toMatchObject({ outcome: 'done', source: id, inserted: 200 });
  const listed = await run(manualWords('events'));
  expect(listed.out).toMatch(/acme\.note +\S+ +199 +Note 199/);
  expect(items(await run(['events', id, '--text', 'creaks', '--json']))).toMatchObject([
    { type: 'acme.note', subject: '7' },
  ]);
  expect(await run(['verify', id])).toMatchObject({ code: 0, err: '' });
  const { rows } = await database.pool.query(`select title, author, subject from acme_notes where event_id = '7'`);
  expect(rows).toEqual([{ title: 'Note 7', author: 'Ada', subject: '7' }]);
  appendFileSync(project.notes, '{"id":"new","title":"Late","time":"2026-02-01T00:00:00Z"}\nno json\n{"half');
  expect(items(await run(['sync', id, '--json']))).toMatchObject([{ inserted: 1, dead_letters: 1 }]);
  expect(items(await run(['dead-letters', 'list', id, '--json'])).map(({ code }) => code)).toContain('not_json');
});

test('status says what the worker has', async () => {
  const told = items(await run(['status', '--json'])).find((item) => 'worker' in item);
  expect(told).toMatchObject({
    taskQueue: queue,
    sources: ['acme-notes', 'api_log', 'git', 'synthetic'],
    stages: ['validate', 'hash', 'deduplicate', 'enrich', 'persist'],
    processors: ['metadata', 'code'],
  });
  expect((await run(['status'])).out).toMatch(/\bqueue +version[\s\S]*acme-notes, api_log, git, synthetic/);
});

test('a stage or a type that only the command has is refused by name, and nothing is started', async () => {
  writeFileSync(
    join(project.directory, 'owner.mjs'),
    `export const stages = [{ name: 'owner', concurrency: 1, process: async () => ({ kind: 'advance' }) }];`,
  );
  const refused = await run(['sync', id], { TRIBUTARY_EXTENSIONS: 'acme-notes,owner.mjs' });
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toMatch(
    /^error: TRIBUTARY_EXTENSIONS: has the stage owner, which is not in the worker that runs \(process \d+ on .*\); .*\n$/,
  );
  expect(await run(['sync', 'acme-notes', 'notes.jsonl'], { TRIBUTARY_EXTENSIONS: '' })).toMatchObject({
    code: 2,
    err: expect.stringContaining(
      'type or id: found "acme-notes", expected one of api_log, git, synthetic, or the id of a known source',
    ),
  });
});

test('a bad module is one line that names variable, module and export', async () => {
  writeFileSync(join(project.directory, 'bad.mjs'), 'export const sources = [{ type: "bad" }];');
  expect(await run(['types'], { TRIBUTARY_EXTENSIONS: './bad.mjs' })).toEqual({
    code: 2,
    out: '',
    err: `error: TRIBUTARY_EXTENSIONS: the export sources of ${join(project.directory, 'bad.mjs')}: sources.0.summary is missing (source bad), expected one line\n`,
  });
  expect((await run(['worker'], { TRIBUTARY_EXTENSIONS: 'acme-gone' })).err).toMatch(
    /^error: TRIBUTARY_EXTENSIONS: acme-gone is no file here, and no package/,
  );
});

test('with another copy of the package than the one the source imports, it is the same', async () => {
  const copy = join(packageRoot, 'bin', 'tributary.js');
  expect((await run(['types', 'acme-notes'], {}, copy)).out).toContain('no line may be longer');
  expect((await run(['types', 'test', 'acme-notes', 'notes.jsonl', '--set', 'chunkBytes=2000'], {}, copy)).code).toBe(
    0,
  );
  expect(await run(['verify', id], {}, copy)).toMatchObject({ code: 0 });
});

test('an error of another copy of the package is the error that it says it is, and a record it refuses is a dead letter', async () => {
  const { sources } = (await loadModules([join(project.directory, 'node_modules', 'acme-notes', 'acme-notes.js')]))[0]!;
  const { NeedsAttention } = (await import(
    join(project.directory, 'node_modules', 'tributary-events', 'dist', 'src', 'index.js')
  )) as { NeedsAttention: typeof Ours };
  expect(NeedsAttention).not.toBe(Ours);
  const own = await testWorker(database, { sources: [...builtInSources, ...sources] });
  try {
    const options = { path: join(project.directory, 'gone.jsonl') };
    const failed = own.sync({ source: { type: 'acme-notes', id: uniqueSource('copies'), options } });
    await expect(failed).rejects.toMatchObject({ cause: { type: 'NeedsAttention', details: [{ code: 'no_file' }] } });
    writeFileSync(options.path, 'no json\n{"id":"one"}\n');
    expect(await own.sync({ source: { type: 'acme-notes', id: uniqueSource('copies'), options } })).toMatchObject({
      inserted: 1,
      dead_letters: 1,
    });
    expect(
      (await database.pool.query(`select from dead_letters where code = 'not_json' and source like 'copies%'`))
        .rowCount,
    ).toBe(1);
  } finally {
    await own.stop();
  }
});

test('a source that does not keep the contract is told in which way, with exit code 1', async () => {
  writeFileSync(
    join(project.directory, 'forgetful.mjs'),
    `import { sources } from 'acme-notes';
    export const sources_ = sources; const [notes] = sources;
    export { own as sources }; const own = [{ ...notes, type: 'forgetful', events: undefined, defaultId: () => 'No Id' , toEvents: (record) => notes.toEvents(record).map((event) => ({ ...event, identity: { kind: 'immutable', key: 'one' } })) }];`,
  );
  const tested = await run(['types', 'test', './forgetful.mjs', 'notes.jsonl', '--set', 'chunkBytes=2000']);
  expect(tested.code).toBe(1);
  expect(tested.out).toMatch(/not ok {2}gives each event an id of its own: an id came twice: one/);
  expect(tested.out).toMatch(/not ok {2}has a valid name of its own, .*: "No Id" is no id of a source/);
});
