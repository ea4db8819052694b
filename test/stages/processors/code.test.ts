// The fields by which code is looked for, derived from what git's events have (requirement P9).
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/event.js';
import { createEnrich } from '../../../src/stages/enrich.js';
import { createRegistry } from '../../../src/sources/index.js';
import { createCode } from '../../../src/stages/processors/code.js';
import { aBatch, anEvent, aSource } from '../../support/builders.js';

async function codeOf(type: string, data: JsonObject): Promise<unknown> {
  const batch = await createEnrich([createCode(createRegistry().catalogue)]).run(
    aBatch([], { events: [anEvent('built', 0, data, { type })] }),
    { source: aSource(() => []), options: {}, runId: 'run' },
  );
  return (JSON.parse(batch.enrichment.get(0) ?? '{}') as { code?: unknown }).code;
}

test('a commit has its id and its author as git writes them', async () => {
  const author = { name: 'Ada', email: 'ada@example.org', time: null };
  expect(await codeOf('git.commit', { sha: 'abc', author, message: 'x' })).toEqual({
    code_event_type: 'commit',
    git_commit: 'abc',
    git_author: 'Ada <ada@example.org>',
  });
  expect(
    await codeOf('git.commit', { sha: 'abc', author: { name: null, email: 'a@b' }, workingDirectory: '/src' }),
  ).toEqual({ code_event_type: 'commit', git_commit: 'abc', git_author: '<a@b>', working_directory: '/src' });
});

test('a file change has its path, its language, its commit and the first symbol it touches', async () => {
  const data = {
    commit: 'abc',
    path: 'src/a.ts',
    change: 'renamed',
    language: 'TypeScript',
    symbols: [{ name: 'run', type: 'function' }, { name: 'stop' }],
  };
  expect(await codeOf('git.file_change', data)).toEqual({
    code_event_type: 'file_renamed',
    file_path: 'src/a.ts',
    language: 'TypeScript',
    git_commit: 'abc',
    symbol_name: 'run',
    symbol_type: 'function',
  });
});

test('what the data does not have is left out', async () => {
  expect(await codeOf('git.commit', { sha: 'abc', author: null })).toEqual({
    code_event_type: 'commit',
    git_commit: 'abc',
  });
  expect(await codeOf('git.file_change', { path: 'README', language: null, symbols: [] })).toEqual({
    code_event_type: 'file_modified',
    file_path: 'README',
  });
});

test('events that are not of code have none', async () => {
  for (const type of ['order.created', 'constructor', 'git'])
    expect(await codeOf(type, { sha: 'abc' })).toBeUndefined();
});
