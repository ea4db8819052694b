// What a command's environment names and the worker lacks is refused by name; what the worker has beyond it holds.
import { expect, test } from 'vitest';
import { difference, otherwise } from '../../../src/clients/stack/worker-check.js';
import { loadConfig } from '../../../src/config.js';
import type { ExtensionModule } from '../../../src/extensions/module.js';
import type { WorkerRow } from '../../../src/store/workers.js';

const settings = {
  memoryBytes: 1,
  recentHashesMax: 1,
  rawRetentionDays: 1,
  enrichOff: [] as string[],
  embed: null as null | { url: string; model: string },
  extensions: [],
};
const worker: WorkerRow = {
  id: 'w',
  host: 'here',
  pid: 7,
  taskQueue: 'q',
  version: '1',
  startedAt: new Date(),
  seenAt: new Date(),
  sources: ['git', 'synthetic'],
  stages: ['validate', 'persist'],
  processors: ['metadata', 'code'],
  settings,
};

function named(names: { sources?: string[]; stages?: string[]; processors?: string[] }): ExtensionModule[] {
  const make = (list: string[] = []): never[] => list.map((name) => ({ name, type: name }) as never);
  return [
    { path: '/m.mjs', sources: make(names.sources), stages: make(names.stages), processors: make(names.processors) },
  ];
}

function told(
  environment: Record<string, string>,
  there: Partial<WorkerRow> = {},
  here: ExtensionModule[] = [],
): string | undefined {
  return difference({ ...worker, ...there }, loadConfig(environment, '/'), here)?.join(' ');
}

test('the same, or more in the worker, is no difference', () => {
  expect(told({})).toBeUndefined();
  expect(
    told(
      {},
      {
        sources: ['acme'],
        stages: ['validate', 'owner', 'persist'],
        settings: { ...settings, enrichOff: ['code'], embed: { url: 'http://a', model: 'm' } },
      },
    ),
  ).toBeUndefined();
});

test('each kind of what the worker lacks is named', () => {
  expect(told({}, {}, named({ sources: ['acme', 'git'] }))).toBe(
    'TRIBUTARY_EXTENSIONS has the source type acme, which is not',
  );
  expect(told({}, {}, named({ stages: ['owner', 'team'] }))).toBe(
    'TRIBUTARY_EXTENSIONS has the stage owner, team, which are not',
  );
  expect(told({}, {}, named({ processors: ['tickets'] }))).toBe(
    'TRIBUTARY_EXTENSIONS has the processor tickets, which is not',
  );
  expect(told({ TRIBUTARY_ENRICH_OFF: 'code' })).toBe('TRIBUTARY_ENRICH_OFF names code, which runs');
});

test('another endpoint or another model for vectors is named', () => {
  const environment = { TRIBUTARY_EMBED_URL: 'http://a/v1', TRIBUTARY_EMBED_MODEL: 'm' };
  expect(told(environment)).toBe('TRIBUTARY_EMBED_URL is set, and nothing is embedded');
  expect(told(environment, { settings: { ...settings, embed: { url: 'http://b/v1', model: 'm' } } })).toBe(
    'TRIBUTARY_EMBED_URL is http://a/v1, and http://b/v1 is asked',
  );
  expect(told(environment, { settings: { ...settings, embed: { url: 'http://a/v1', model: 'n' } } })).toBe(
    'TRIBUTARY_EMBED_MODEL is m, and the model is n',
  );
  expect(told(environment, { settings: { ...settings, embed: { url: 'http://a/v1', model: 'm' } } })).toBeUndefined();
});

test('settings that hold otherwise in the worker are told, unless they are the usual ones here', () => {
  const there = { ...worker, settings: { ...settings, rawRetentionDays: 7, recentHashesMax: 10 } };
  expect(otherwise(there, loadConfig({}, '/'))).toEqual([]);
  expect(
    otherwise(there, loadConfig({ TRIBUTARY_RECENT_HASHES: '10', TRIBUTARY_RAW_RETENTION_DAYS: '3' }, '/')),
  ).toEqual(['TRIBUTARY_RAW_RETENTION_DAYS is 3 here, and 7 in the worker that runs (process 7 on here), which holds']);
});

test('processors switched off on both sides are no difference', () => {
  expect(told({ TRIBUTARY_ENRICH_OFF: 'tickets' }, {}, named({ processors: ['tickets'] }))).toBeUndefined();
});
