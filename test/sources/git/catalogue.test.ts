// What git says of its events: the line about each, and the columns of views that are there.
import { expect, test } from 'vitest';
import { aboutOf } from '../../../src/domain/catalogue.js';
import type { JsonObject } from '../../../src/domain/event.js';
import { createRegistry } from '../../../src/sources/index.js';
import { testDatabase } from '../../support/database.js';

const { catalogue } = createRegistry();
const database = testDatabase();
const [from, to] = ['a'.repeat(40), 'b'.repeat(64)];

test.each<[string, JsonObject, string | null]>([
  ['git.commit', { subject: 'Fix the door', message: 'Fix the door\n\nIt creaks.' }, 'Fix the door'],
  ['git.commit', { subject: null }, null],
  ['git.file_change', { path: 'src/a.ts', change: 'renamed' }, 'renamed'],
  ['git.file_change', { path: 'src/other.ts', change: 'renamed' }, 'src/other.ts'],
  ['git.ref_moved', { ref: 'refs/heads/main', from, to }, 'aaaaaaaaaa → bbbbbbbbbb'],
  ['git.ref_created', { ref: 'refs/heads/main', from: null, to }, 'nothing → bbbbbbbbbb'],
  ['git.default_branch_changed', { ref: 'HEAD', from: 'refs/heads/main', to: null }, 'refs/heads/main → nothing'],
  ['git.commit_unreachable', { ref: 'refs/heads/main', commit: to }, 'left behind by refs/heads/main'],
  ['git.commit_reachable', { ref: 'refs/heads/main', commit: to }, 'reached again by refs/heads/main'],
])('%s %j is told as %j', (type, data, line) => {
  expect(aboutOf(catalogue, { type, subject: 'src/a.ts', time: null, data })).toBe(line);
});

test('the views that are declared are there, with the columns that are declared', async () => {
  const views = catalogue.types.flatMap(({ type, view }) =>
    view !== undefined && type.startsWith('git.') ? [view] : [],
  );
  expect(views.map(({ name }) => name)).toEqual(['git_commits', 'git_file_changes']);
  for (const { name, columns } of views) {
    const { rows } = await database.pool.query<{ name: string }>(
      'select column_name as name from information_schema.columns where table_name = $1',
      [name],
    );
    expect(rows.map((row) => row.name)).toEqual(expect.arrayContaining(columns.map((column) => column.name)));
  }
});
