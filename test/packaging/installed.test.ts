// What people get: the tarball in an empty directory with an empty home, its command, its types, its examples, its pages.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueQueue } from '../support/temporal.js';
import { installedProject, runIn, type Ended, type InstalledProject, type Started } from './installed-project.js';

const database = testDatabase();
const queue = uniqueQueue('installed');
let project: InstalledProject;
let pages: Ended;
let compiled: Ended;
let doorbell: Ended;
let worker: Started;

const modules = ['./source.js', './stage.js', './processor.js'].join();

function stack(more: Record<string, string> = {}): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: queue,
    TRIBUTARY_HOME: join(project.directory, 'home'),
    TRIBUTARY_ALLOW_VOLATILE: '1',
    ...more,
  };
}

function tributary(words: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  return project.start('tributary', words, stack(more)).ended;
}

beforeAll(async () => {
  pages = await runIn(packageRoot, process.execPath, ['dist/packaging/main.js', '--check']).ended;
  project = installedProject();
  const tsc = join(packageRoot, 'node_modules', '.bin', 'tsc');
  [compiled, doorbell] = await Promise.all([
    project.start(tsc, ['-p', 'tsconfig.json']).ended,
    project.start(tsc, ['-p', 'doorbell/jsconfig.json']).ended,
  ]);
  worker = project.start(process.execPath, ['worker.js'], stack());
  const seen = async (): Promise<boolean> => (await database.pool.query('select from workers')).rowCount === 1;
  await eventually('the worker of the example polls', seen);
}, 240_000);

afterAll(async () => {
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ code: 0, out: expect.stringMatching(/^polling\n/) });
  expect((await database.pool.query('select from workers')).rowCount).toBe(0);
  project.remove();
});

test('docs/api is what the docstrings say, and everything exported has one', () => {
  expect(pages).toEqual({ code: 0, out: '', err: '' });
});

test('the tarball holds what is run, imported and read, and nothing else', () => {
  const allowed = [
    /^(package\.json|LICENSE|(README|ARCHITECTURE|CHANGELOG|CONTRIBUTING)\.md)$/,
    /^bin\/tributary\.js$/,
    /^dist\/(src\/.*\.js|types\/(index|testing)\.d\.ts|workflow-bundle\.js)$/,
    /^docs\/.*\.(md|png|svg|schema\.json)$/,
    /^deploy\/(postgres|temporal)\/[\w-]+\.(sql|yaml|sh)$/,
    /^examples\/(\w+(\.test)?\.ts|README\.md|tsconfig\.json)$/,
    /^examples\/doorbell\/(\w+(\.test)?\.js|README\.md|\w+\.json|recording\/[\w-]+\.jsonl)$/,
    /^examples\/logs\/([\w-]+\.(js|sql|conf)|README\.md)$/,
    /^sh\/\w+\.sh$/,
    /^sql\/\d{4}_\w+\.sql$/,
  ];
  expect(project.files.filter((path) => !allowed.some((form) => form.test(path)))).toEqual([]);
  expect(project.files).not.toContain('dist/src/workers/build-bundle.js');
});

test('every page and picture that a packed page points to is packed', () => {
  const packed = project.files.filter((path) => path.endsWith('.md'));
  const broken = packed.flatMap((page) => {
    const text = readFileSync(join(packageRoot, page), 'utf8');
    const targets = [...text.matchAll(/\]\((?!\w+:)([^)#\s]+)[^)]*\)/g)].map(([, target]) =>
      normalize(join(dirname(page), target!)).replace(/\/$/, ''),
    );
    const there = (target: string): boolean =>
      project.files.some((path) => path === target || path.startsWith(`${target}/`));
    return targets.filter((target) => !there(target)).map((target) => `${page} points to ${target}`);
  });
  expect(broken).toEqual([]);
});

test('the types compile, strictly and with those of the libraries, in a project that has run-time dependencies alone', () => {
  expect(compiled).toEqual({ code: 0, out: '', err: '' });
  expect(doorbell).toEqual({ code: 0, out: '', err: '' });
  expect(existsSync(join(project.directory, 'node_modules', '@types', 'pg'))).toBe(false);
});

test('the command answers, and what it prints can be pasted where it was started', async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const told = await tributary(['--version']);
  expect(told).toMatchObject({ code: 0, err: '' });
  expect(told.out.split('\n')[0]).toBe(`tributary ${version}`);
  expect((await tributary(['types'])).out).toMatch(/^git /m);
  const program = join(project.directory, 'node_modules', 'tributary-events', 'bin', 'tributary.js');
  const help = async (directory: string, path: string): Promise<string> =>
    (await runIn(directory, process.execPath, [program, 'sync', '--help'], { PATH: path }).ended).out;
  const usual = process.env['PATH']!;
  const bin = join(project.directory, 'node_modules', '.bin');
  expect(await help(project.elsewhere, `${bin}:${usual}`)).toContain('$ tributary sync ');
  expect(await help(project.directory, usual)).toContain('$ npx tributary sync ');
  expect(await help(project.elsewhere, usual)).toContain(`$ node ${program} sync `);
  expect(await runIn(project.directory, 'npx', ['tributary', '--version']).ended).toMatchObject({
    out: expect.stringContaining(`tributary ${version}\n`),
  });
});

test('importing the package loads neither Temporal nor Postgres: modules with sources do it in every process', async () => {
  const script = `import 'tributary-events'; import { createRequire } from 'node:module';
    console.log(Object.keys(createRequire(process.cwd() + '/').cache).filter((path) => /@temporalio|\\/pg\\//.test(path)));`;
  const { out, err } = await project.start(process.execPath, ['--input-type=module', '-e', script]).ended;
  expect({ out, err }).toEqual({ out: '[]\n', err: '' });
});

test('the commit hook works in a repository elsewhere, with nothing on its PATH', async () => {
  const commit = [
    '-c',
    'user.name=Ada',
    '-c',
    'user.email=ada@example.org',
    'commit',
    '--allow-empty',
    '--message',
    'A',
  ];
  for (const words of [['init', '--quiet'], commit]) await runIn(project.elsewhere, 'git', words).ended;
  const synced = await tributary(['sync', 'git', project.elsewhere, '--id', 'demo/elsewhere']);
  expect(synced).toMatchObject({ code: 0 });
  expect(await tributary(['hook', 'install', project.elsewhere])).toMatchObject({ code: 0, err: '' });
  expect(await runIn(project.elsewhere, 'git', commit).ended).toMatchObject({ code: 0, err: '' });
  const commits = `select from events where source = 'demo/elsewhere' and type = 'git.commit'`;
  await eventually('the second commit', async () => (await database.pool.query(commits)).rowCount === 2);
});

test('the example of a client syncs, lists, pauses and is refused by name', async () => {
  const { code, out, err } = await project.start(process.execPath, ['connect.js'], stack()).ended;
  expect({ code, out }, err).toEqual({
    code: 0,
    out: 'demo/made-up: done, 2500 read\n2500 listed\npaused\nrefused: events\n',
  });
});

test('the example of recording stores what is right, says what is wrong, and stores nothing twice', async () => {
  // Where no worker has stages of its own, which its events would pass by.
  const where = { ...stack(), TRIBUTARY_TASK_QUEUE: 'of-no-worker' };
  for (const counts of ['2 inserted, 0 known', '0 inserted, 2 known']) {
    const { code, out, err } = await project.start(process.execPath, ['record.js'], where).ended;
    expect({ code, out }, err).toEqual({
      code: 0,
      out: `${counts}\n2 time: bad_time\no-17 has priority 2\n2 stored\n`,
    });
  }
});

test('the examples of a source, a stage and a processor are at work in the example of a worker', async () => {
  writeFileSync(join(project.directory, 'lines.txt'), 'one line\nand another\n');
  const more = { TRIBUTARY_EXTENSIONS: modules };
  const synced = await tributary(['sync', 'acme-lines', 'lines.txt', '--id', 'demo/lines', '--json'], more);
  expect(synced).toMatchObject({ code: 0, out: expect.stringContaining('"outcome":"done"') });
  const { out } = await tributary(['events', 'demo/lines', '--oldest', '--json'], more);
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { data: object; enrichment: object });
  expect(events.map(({ data }) => data)).toEqual([{ text: 'one line' }, { text: 'and another' }]);
  expect(events[0]!.enrichment).toMatchObject({ words: { count: 2 }, context: { team: 'acme' } });
  expect((await tributary(['verify', 'demo/lines'], more)).code).toBe(0);
});

test('the example of tests passes without a server', async () => {
  const { code, out } = await project.start(process.execPath, ['--test', 'source.test.js']).ended;
  expect(code, out).toBe(0);
});
