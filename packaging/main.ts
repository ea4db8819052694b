// npm run docs:api: the types people get, dist/types, and the pages made of them, docs/api. With --check nothing of the pages is
// written: it says which are stale, and ends with 1.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import { apiPage, exportsOf, missingDocs, type Exported } from './api-page.js';
import { rollUp } from './declarations.js';

interface Entry {
  readonly title: string;
  readonly compiled: string;
  readonly types: string;
  readonly page: string;
  readonly introduction: string;
}

const entries: readonly Entry[] = [
  {
    title: 'tributary-events',
    compiled: 'dist/src/index.d.ts',
    types: 'dist/types/index.d.ts',
    page: 'docs/api/tributary-events.md',
    introduction:
      'A client and a worker for programs, and what a source, a stage or a processor of your own is made of. `z` is [zod](https://zod.dev), ' +
      'exported so that the options of a source and the engine have one copy of it. The examples run: [examples](../../examples).',
  },
  {
    title: 'tributary-events/testing',
    compiled: 'dist/src/testing/index.d.ts',
    types: 'dist/types/testing.d.ts',
    page: 'docs/api/testing.md',
    introduction:
      'Whether a source keeps to its contract, and fakes of what an engine hands to a source, a stage or a processor. No test runner is needed.',
  },
];

function made(check: boolean): boolean {
  const known = new Set<string>();
  const problems = entries.flatMap((entry) => {
    const { unnamed } = rollUp(entry.compiled, entry.types);
    const exported = exportsOf(readFileSync(join(packageRoot, entry.types), 'utf8'));
    for (const { name } of exported) known.add(name);
    const hidden = unnamed.filter((name) => !known.has(name) && !internal.includes(name));
    const stale = page(entry, exported, check);
    return [
      ...hidden.map((name) => `${name} is mentioned by an exported name and is not exported itself`),
      ...missingDocs(exported),
      ...stale,
    ].map((problem) => `${entry.title}: ${problem}`);
  });
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0;
}

/** How others are made, and nothing anybody could use. */
const internal = ['brand', 'rejected', 'cursor', 'StreamsCursor', 'columnTypes'];

function page({ title, introduction, page: path }: Entry, exported: readonly Exported[], check: boolean): string[] {
  const file = join(packageRoot, path);
  const text = apiPage(title, introduction, exported);
  if (check) {
    const same = existsSync(file) && readFileSync(file, 'utf8') === text;
    return same ? [] : [`${path} is stale; run npm run docs:api`];
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return [];
}

process.exitCode = made(process.argv.includes('--check')) ? 0 : 1;
