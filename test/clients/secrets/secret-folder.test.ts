// The folder of secrets: private, whole files that sources find by name.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listSecrets, referenceTo, removeSecret, saveSecret } from '../../../src/clients/secrets/secret-folder.js';
import { sourceSecrets } from '../../../src/secrets.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-secret-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

test('what is stored is what sources read, in a folder and a file of their owner alone, and no git adds it', async () => {
  const directory = join(root, 'made', 'secrets');
  expect(await saveSecret(directory, 'acme.token-1', 'one')).toBe(false);
  expect(await saveSecret(directory, 'acme.token-1', 'two')).toBe(true);
  expect(await sourceSecrets(directory)('file:acme.token-1')).toBe('two');
  expect([modeOf(directory), modeOf(join(directory, 'acme.token-1'))]).toEqual([0o700, 0o600]);
  expect(readdirSync(directory).toSorted()).toEqual(['.gitignore', 'acme.token-1']);
});

test('a folder and a file that were open to others are closed', async () => {
  const directory = join(root, 'open');
  mkdirSync(directory);
  writeFileSync(join(directory, 'acme'), 'old');
  for (const path of [directory, join(directory, 'acme')]) chmodSync(path, 0o777);
  await saveSecret(directory, 'acme', 'new');
  expect([modeOf(directory), modeOf(join(directory, 'acme'))]).toEqual([0o700, 0o600]);
});

test('a link is replaced, not followed', async () => {
  const [directory, elsewhere] = [join(root, 'linked'), join(root, 'elsewhere')];
  mkdirSync(directory);
  writeFileSync(elsewhere, 'mine');
  symlinkSync(elsewhere, join(directory, 'acme'));
  await saveSecret(directory, 'acme', 'new');
  expect(await sourceSecrets(root)('file:elsewhere')).toBe('mine');
});

test('listed are names that a source can name, in order, with their dates; removed is what is there', async () => {
  const directory = join(root, 'many');
  expect(await listSecrets(directory)).toEqual([]);
  for (const name of ['b', 'a']) await saveSecret(directory, name, 'one');
  mkdirSync(join(directory, 'folder'));
  writeFileSync(join(directory, 'with blank'), 'x');
  expect(await listSecrets(directory)).toEqual(
    ['a', 'b'].map((name) => ({ name, reference: `file:${name}`, changedAt: expect.any(Date) })),
  );
  await removeSecret(directory, 'a');
  expect((await listSecrets(directory)).map(({ name }) => name)).toEqual(['b']);
  await expect(removeSecret(directory, 'a')).rejects.toThrow(`name: a is no secret in ${directory}`);
});

test('a folder that is none is told, with what to set', async () => {
  const path = join(root, 'file');
  writeFileSync(path, '');
  for (const work of [() => saveSecret(path, 'a', 'one'), () => listSecrets(path), () => removeSecret(path, 'a')]) {
    await expect(work()).rejects.toMatchObject({ field: 'TRIBUTARY_SECRETS_DIR', next: 'refuse' });
  }
});

test('a name is what a reference takes, and a wrong one is not repeated: it may be the secret', () => {
  expect(referenceTo('acme.token-1_b')).toBe('file:acme.token-1_b');
  for (const wrong of [
    '',
    '.',
    '..',
    '.hidden',
    '../canary',
    'a/canary',
    'canary b',
    'canary\n',
    'ä',
    'x'.repeat(251),
  ]) {
    expect(() => referenceTo(wrong)).toThrow(/^name: expected at most 250 letters((?!canary).)*$/);
  }
});
