// The rules of the house that a reader can check by reading, checked by reading: import directions (design §7), names,
// lengths, leftovers. Needs no server.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Source } from '../src/domain/source.js';
import { builtInSources } from '../src/sources/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const soft = 250;
const hard = 400;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function filesOf(...directories: string[]): string[] {
  return directories
    .flatMap((directory) =>
      readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).map((name) =>
        posix.join(directory, name.replaceAll('\\', '/')),
      ),
    )
    .filter((path) => /\.(ts|mjs)$/.test(path));
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Relative imports are resolved to paths from the root; packages stay as they are. */
function importsOf(path: string, text: string): Import[] {
  const statements = [
    ...text.matchAll(/^import\s+(type\s+)?(?:([^;'"]*?)\s*from\s+)?['"]([^'"]+)['"];/gm),
    ...text.matchAll(/^export\s+(type\s+)?(\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s*from\s+['"]([^'"]+)['"];/gm),
  ];
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  const resolved = (to: string) =>
    to.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), to)).replace(/\.js$/, '.ts') : to;
  return [
    ...statements.map(([, type, names = '', to]) => ({
      from: path,
      to: resolved(to!),
      typeOnly: type !== undefined || onlyTypes(names),
    })),
    ...[...dynamic].map(([, to]) => ({ from: path, to: resolved(to!), typeOnly: false })),
  ];
}

/** `import { type A, type B } from …` */
function onlyTypes(names: string): boolean {
  const listed = /^\{([^}]*)\}\s*$/.exec(names.trim())?.[1];
  return (
    listed !== undefined && listed.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
  );
}

const sources = filesOf('src');
const imports = sources.flatMap((path) => importsOf(path, read(path)));

/** src/stages/hash.ts → stages; src/config.ts → config.ts */
function layerOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** Where a layer's runtime imports may go, beside itself, limits.ts and packages. `workers` assembles everything. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  store: ['domain', 'package-root.ts'],
  outside: ['domain'],
  sources: ['domain', 'store', 'outside', 'process-guard.ts'],
  stages: ['domain', 'store', 'outside'],
  queries: ['domain', 'store'],
  live: ['domain', 'store', 'queries'],
  activities: ['domain', 'store', 'sources', 'stages'],
  workflows: ['domain'],
  door: ['domain', 'store', 'sources', 'stages', 'activities'],
  extensions: ['domain', 'sources', 'config.ts'],
  testing: ['domain'],
  local: [
    'domain',
    'config.ts',
    'extension-paths.ts',
    'loopback.ts',
    'package-root.ts',
    'process-guard.ts',
    'worker-memory.ts',
  ],
};

test('imports go one way: clients, workflows, activities, sources and stages, store; domain imports nothing of ours', () => {
  const wrong = imports
    .filter(
      ({ from, to, typeOnly }) =>
        !typeOnly && to.startsWith('src/') && layerOf(from) in mayImport && to !== 'src/limits.ts',
    )
    .filter(({ from, to }) => layerOf(from) !== layerOf(to) && !mayImport[layerOf(from)]!.includes(layerOf(to)));
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('only types cross upwards, and only into the layer below: domain knows nobody, store knows no stage', () => {
  const wrong = imports
    .filter(({ to, typeOnly }) => typeOnly && to.startsWith('src/'))
    .filter(({ from, to }) => {
      const allowed = mayImport[layerOf(from)];
      if (allowed === undefined || layerOf(from) === layerOf(to) || to === 'src/limits.ts') return false;
      // A workflow names the activities it calls by their type.
      return ![...allowed, ...(layerOf(from) === 'workflows' ? ['activities'] : [])].includes(layerOf(to));
    });
  expect(wrong.map(({ from, to }) => `${from} imports a type of ${to}`)).toEqual([]);
});

test('nothing but clients, workers and the entry of the package imports clients or workers', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      /^src\/(clients|workers)\//.test(to) && !/^src\/((clients|workers|server|local)\/|index\.ts)/.test(from),
  );
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('a workflow imports nothing that is not deterministic: no Node module, no pg, no other layer at runtime', () => {
  const packages = new Set(['@temporalio/workflow', '@temporalio/common']);
  const wrong = imports.filter(
    ({ from, to, typeOnly }) =>
      layerOf(from) === 'workflows' && !typeOnly && !to.startsWith('src/') && !packages.has(to),
  );
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('only the store imports pg', () => {
  const wrong = imports.filter(({ from, to }) => /^pg(-copy-streams)?$/.test(to) && layerOf(from) !== 'store');
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('only src/outside speaks HTTP: its rules hold for every call there is', () => {
  // The front door answers: it has Node's types of a request.
  const asks = /(?<![.\w])fetch\(|from '(undici|axios|got)'/;
  const spoken = (path: string) =>
    layerOf(path) === 'server' ? asks : /(?<![.\w])fetch\(|from '(undici|(node:)?https?|axios|got)'/;
  const wrong = sources.filter((path) => layerOf(path) !== 'outside' && spoken(path).test(code(read(path))));
  expect(wrong).toEqual([]);
});

test('only config.ts reads the environment, and local/environment.ts what is inherited', () => {
  const readers = sources.filter((path) => /\bprocess\.env\b/.test(code(read(path))));
  expect(readers.sort()).toEqual(
    ['src/config.ts', 'src/local/environment.ts'].filter((path) => readers.includes(path)),
  );
});

/** Of what a source says of its events, the names that nobody would come upon by chance. */
function ownWords({ type, events = [] }: Source): { type: string; words: string[] } {
  const fields = events.flatMap(({ view }) => view?.columns.flatMap(({ path }) => path.split('.')) ?? []);
  const telling = fields.filter((field) => /[a-z][A-Z]/.test(field) || field === 'committer');
  return { type, words: [...events.map((event) => event.type), ...new Set(telling)] };
}

test("a source's event types and fields are named in its own folder and nowhere else", () => {
  const named = builtInSources.map(ownWords);
  // Events of a program have the types it gives them, those of files the types that stand in them, those of webhooks what their senders call them.
  const namesNone = ['program', 'jsonl', 'webhook'];
  expect(named.every(({ type, words }) => words.length > 0 || namesNone.includes(type))).toBe(true);
  const wrong = named.flatMap(({ type, words }) => {
    // Sources of one family (a live workspace, its export) have event types in common.
    const outside = sources
      .filter((path) => !path.startsWith(`src/sources/${type.split(/[-_]/)[0]}`))
      .map((path) => ({ path, text: code(read(path)) }));
    return words.flatMap((word) =>
      outside.filter(({ text }) => names(text, word)).map(({ path }) => `${path} names ${word}`),
    );
  });
  expect(wrong).toEqual([]);
});

/** As a whole word, in quotes or after a dot. */
function names(text: string, word: string): boolean {
  return new RegExp(`['"\`.]${word.replaceAll('.', String.raw`\.`)}(?![\\w.])`).test(text);
}

test('no file has a name that says nothing', () => {
  const wrong = filesOf('src', 'test', 'bench').filter((path) =>
    /(^|[/.-])(utils?|helpers?|managers?|types|common|misc)\.(test\.)?(ts|mjs)$/.test(path),
  );
  expect(wrong).toEqual([]);
});

test('file names are kebab-case', () => {
  const wrong = filesOf('src', 'test', 'bench').filter((path) => !/^[a-z0-9.-]+$/.test(path.split('/').at(-1)!));
  expect(wrong).toEqual([]);
});

/** Files above the soft limit, as the formatter breaks their lines; the number may only go down. */
const longFilesMax = 30;

test(`files have at most ${soft} lines, and none has ${hard}`, () => {
  const long = filesOf('src', 'test', 'bench')
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > soft);
  expect(long.filter(({ lines }) => lines >= hard)).toEqual([]);
  expect(long.length, JSON.stringify(long)).toBeLessThanOrEqual(longFilesMax);
});

test('no test is switched off or alone, and nothing is left to do', () => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
  const switched = new RegExp(
    `\\b(test|it|describe)(\\.concurrent)?\\.(${['on' + 'ly', 'sk' + 'ip', 'to' + 'do', 'fa' + 'ils'].join('|')})\\b`,
  );
  const wrong = filesOf('src', 'test', 'bench').flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, at) => (marks.test(line) || switched.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
  );
  expect(wrong).toEqual([]);
});

test('every migration is numbered without gaps', () => {
  const versions = readdirSync(join(root, 'sql'))
    .filter((name) => /^\d{4}_/.test(name))
    .sort()
    .map((name) => Number(name.slice(0, 4)));
  expect(versions).toEqual(versions.map((_, at) => at + 1));
});

test('these rules see what they are to see', () => {
  expect([
    names(`type === 'git.commit'`, 'git.commit'),
    names(`e.data.oldPath`, 'oldPath'),
    names(`'git.commit_reachable'`, 'git.commit'),
  ]).toEqual([true, true, false]);
  const text = `import { a } from './a.js';\nimport type { B } from '../store/b.js';\nimport { type C, type D } from './c.js';\nimport { type E, f } from './e.js';\nimport 'node:fs';\nexport { g } from './g.js';\nconst h = await import('./h.js');\nimport {\n  i,\n} from 'pg';\n`;
  expect(importsOf('src/stages/x.ts', text).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
    ['src/stages/a.ts', false],
    ['src/store/b.ts', true],
    ['src/stages/c.ts', true],
    ['src/stages/e.ts', false],
    ['node:fs', false],
    ['pg', false],
    ['src/stages/g.ts', false],
    ['src/stages/h.ts', false],
  ]);
  expect(code(`// process.env\nconst a = 1; /* process.env */`)).not.toContain('process.env');
});

/** Without comments. */
function code(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}
