// Secrets are read when they are needed, from where they are said to be.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolveSecret, sourceSecrets } from '../src/secrets.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-secrets-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a secret is read from the variable or the file it is said to be in', async () => {
  const path = join(directory, 'key');
  writeFileSync(path, '  sk-1 \n');
  expect(await resolveSecret(`file:${path}`)).toBe('sk-1');
  expect(await resolveSecret('env:KEY', { KEY: 'sk-2' })).toBe('sk-2');
});

test.each([
  ['a variable that is not set', 'env:KEY', {}],
  ['an empty one', 'env:KEY', { KEY: ' ' }],
  ['one with a line feed in it', 'env:KEY', { KEY: 'hunter2\r\nx-other: 1' }],
  ['a file that is not there', 'file:/nowhere/key', {}],
])('%s is no secret; the error names the reference and nothing else', async (_what, reference, env) => {
  await expect(resolveSecret(reference, env)).rejects.toMatchObject({
    name: 'NeedsAttention',
    message: `${reference} has no secret of one word of plain characters`,
  });
});

test('the secrets of sources are files of one folder, and variables of one beginning', async () => {
  writeFileSync(join(directory, 'acme'), 'sk-3\n');
  const secret = sourceSecrets(directory, { TRIBUTARY_SECRET_A: 'sk-4', HOME: '/root' });
  expect([await secret('file:acme'), await secret('env:TRIBUTARY_SECRET_A')]).toEqual(['sk-3', 'sk-4']);
  for (const wrong of ['env:HOME', 'file:../acme', `file:${directory}/acme`])
    await expect(secret(wrong)).rejects.toThrow();
  await expect(secret('file:other')).rejects.toMatchObject({
    code: 'secret_missing',
    message: `file:other (${directory}/other) has no secret of one word of plain characters`,
  });
});
