// TRIBUTARY_EXTENSIONS: what modules export is loaded, or refused with one line that names variable, module and export; and
// what the manuals show does what they say.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { EventStage, StagedEvent } from '../../src/domain/event-stage.js';
import { loadConfig } from '../../src/config.js';
import type { Processor } from '../../src/domain/processor.js';
import { packageRoot } from '../../src/package-root.js';
import { createEnrich } from '../../src/stages/enrich.js';
import { loadModules } from '../../src/extensions/module.js';
import { aBatch, anEvent, aSource } from '../support/builders.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-stages-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => void vi.unstubAllGlobals());

function moduleOf(name: string, text: string): string {
  const path = join(directory, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

const event: StagedEvent = {
  source: 'acme/api',
  id: '1',
  type: 'git.commit',
  subject: 'a b',
  time: null,
  priority: 2,
  flags: null,
  data: {},
  attempt: 1,
};

async function loadStages(path: string): Promise<readonly EventStage[]> {
  return (await loadModules([path]))[0]!.stages;
}

async function loadProcessors(path: string): Promise<readonly Processor[]> {
  return (await loadModules([path]))[0]!.processors;
}

test('without the variable there are none; its former name is one module', async () => {
  expect(await loadModules(loadConfig({}, '/somewhere').extensions)).toEqual([]);
  expect(loadConfig({ TRIBUTARY_STAGES: './owner.mjs' }, '/somewhere').extensions).toEqual(['/somewhere/owner.mjs']);
  expect(() => loadConfig({ TRIBUTARY_STAGES: './a.mjs', TRIBUTARY_EXTENSIONS: './b.mjs' }, '/somewhere')).toThrow(
    'former name',
  );
});

test('several modules are loaded in their order, and a stage of one may not be in another', async () => {
  const stage = (name: string) => `export const stages = [{ name: '${name}', concurrency: 1, process() {} }];`;
  const paths = [moduleOf('first', stage('z')), moduleOf('second', stage('a'))];
  expect((await loadModules(paths)).flatMap(({ stages }) => stages.map(({ name }) => name))).toEqual(['z', 'a']);
  await expect(loadModules([...paths, moduleOf('third', stage('z'))])).rejects.toThrow('there is a stage z already');
});

test('the stage in docs/adding-a-stage.md advances, removes, defers and throws', async () => {
  const manual = readFileSync(join(packageRoot, 'docs', 'adding-a-stage.md'), 'utf8');
  const [stage] = await loadStages(moduleOf('owner', /```js\n([\s\S]*?)```/.exec(manual)![1]!));
  const answer = (response: Response, subject = 'a b') => {
    vi.stubGlobal('fetch', async (url: string) => (url.endsWith('of=a%20b') ? response : Response.error()));
    return stage!.process({ ...event, subject }, {}, new AbortController().signal);
  };
  expect(await answer(Response.json({ team: 'payments' }))).toEqual({ kind: 'advance', context: { team: 'payments' } });
  expect(await answer(Response.json({}), 'renovate')).toEqual({ kind: 'remove' });
  expect(await answer(new Response('', { status: 429, headers: { 'retry-after': '7' } }))).toMatchObject({
    kind: 'defer',
    afterMs: 7_000,
  });
  await expect(answer(new Response('', { status: 503 }))).rejects.toThrow('503');
});

test('a module may add enrichment processors, with stages or without', async () => {
  const both = moduleOf(
    'both',
    `export default [{ name: 'a', concurrency: 1, process() {} }]; export const processors = [{ name: 'p', canProcess: () => true, enrich: () => null }];`,
  );
  expect([await loadStages(both), await loadProcessors(both)]).toEqual([
    [expect.objectContaining({ name: 'a' })],
    [expect.objectContaining({ name: 'p' })],
  ]);
  const alone = moduleOf('alone', `export const processors = [];`);
  expect([await loadStages(alone), await loadProcessors(alone)]).toEqual([[], []]);
});

test.each([
  ['no-list', 'export const processors = {};'],
  ['halves-of-processors', `export const processors = [{ name: 'p', enrich() {} }];`],
  ['wrong-dependencies', `export const processors = [{ name: 'p', dependencies: 'q', canProcess() {}, enrich() {} }];`],
])('processors that are %s are refused with one line', async (name, text) => {
  await expect(loadProcessors(moduleOf(name, text))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining('is no list of them'),
  });
});

test('the processors in docs/enrichment.md do what the page says', async () => {
  const manual = readFileSync(join(packageRoot, 'docs', 'enrichment.md'), 'utf8');
  const processors = await loadProcessors(moduleOf('manual', /```js\n([\s\S]*?)```/.exec(manual)![1]!));
  const commit = { id: 'abc', type: 'git.commit', data: { message: 'Fix the door\n\nJIRA-12, JIRA-7' } };
  const noted = createEnrich(processors).run(
    aBatch([], { events: [anEvent('built', 0, commit.data, { type: commit.type })] }),
    { source: aSource(() => []), options: {}, runId: 'run' },
  );
  expect(JSON.parse((await noted).enrichment.get(0)!)).toEqual({
    tickets: { keys: ['JIRA-12', 'JIRA-7'] },
    project: { name: 'JIRA' },
  });
});

test('TRIBUTARY_ENRICH_OFF names processors, with commas', () => {
  expect(loadConfig({ TRIBUTARY_ENRICH_OFF: ' metadata, code,' }).enrichOff).toEqual(['metadata', 'code']);
  expect(loadConfig({}).enrichOff).toEqual([]);
});

test.each([
  ['missing', undefined, /cannot be loaded/],
  ['broken', 'export default [', /cannot be loaded/],
  ['nothing', 'export const stage = [];', /exports none of sources, stages and processors/],
  ['no-stages', 'export const stages = {};', /the export stages of .* is no list of stages/],
  ['twice', 'export const stages = []; export default [];', /both as the export stages and as the default export/],
  ['no-sources', 'export const sources = {};', /the export sources of .* is no list of sources/],
  ['no-source', 'export const sources = [null];', /the export sources of .*: sources\.0\.type is missing/],
  ['bad-type', `export const sources = [{ type: 'A B' }];`, /sources\.0\.type is "A B"/],
  [
    'half-a-source',
    `export const sources = [{ type: 'acme', summary: 'x', origin() {} }];`,
    /sources\.0\.defaultId is no function \(source acme\)/,
  ],
  ['halves', `export default [{ name: 'a', concurrency: 1 }];`, /no list of stages/],
  [
    'doubled',
    `const a = { name: 'a', concurrency: 1, process() {} }; export default [a, a];`,
    /stages\.1\.name: there is a stage a already/,
  ],
])('a module that is %s is refused with one line', async (name, text, reason) => {
  const path = text === undefined ? join(directory, 'not-there.mjs') : moduleOf(name, text);
  await expect(loadModules([path])).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringMatching(reason),
  });
});
