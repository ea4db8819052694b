// git's cat-file hashes nothing of what it gives: whoever reads it holds it against its name.
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommitObjects } from '../../../src/sources/git/commit-objects.js';
import { DamagedCopy } from '../../../src/sources/git/damaged-copy.js';
import { Repository } from './repository.js';

test('an object that is another than its name says is damage, and is not given', async () => {
  const repository = Repository.create();
  const [first, second] = repository.line(2) as [string, string];
  const directory = join(repository.path, '.git');
  const fileOf = (id: string): string => join(directory, 'objects', id.slice(0, 2), id.slice(2));
  chmodSync(fileOf(first), 0o600);
  copyFileSync(fileOf(second), fileOf(first));
  const objects = new CommitObjects({ directory, signal: new AbortController().signal });
  objects.ask(second);
  objects.ask(first);
  expect((await objects.next()).bytes?.toString()).toContain('file 2');
  await expect(objects.next()).rejects.toBeInstanceOf(DamagedCopy);
  objects.close();
});
