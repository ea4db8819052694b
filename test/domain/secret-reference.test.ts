// Only names that were meant to be read as secrets are references.
import { expect, test } from 'vitest';
import { operatorReference, secretReference } from '../../src/domain/secret-reference.js';

test.each(['env:TRIBUTARY_SECRET_GIT', 'env:TRIBUTARY_SECRET_acme_2', 'file:acme', 'file:acme.token', 'file:a-b_c'])(
  '%s is a reference',
  (text) => {
    expect(secretReference.safeParse(text).success).toBe(true);
  },
);

test.each([
  'env:HOME', 'env:TRIBUTARY_SECRET_', 'env:TRIBUTARY_SECRET_A B', 'env:tributary_secret_a', 'ENV:TRIBUTARY_SECRET_A', 'file:', 'file:.', 'file:..', 'file:.hidden', 'file:../x',
  'file:a/b', 'file:/etc/passwd', 'file:a\\b', 'file:a\0', 'file:a\n', 'ghp_hunter2', '', 17, null, `file:${'a'.repeat(300)}`,
])('%j is none, and is not repeated', (text) => {
  const { success, error } = secretReference.safeParse(text);
  expect(success).toBe(false);
  expect(error!.message).not.toMatch(/hunter2|passwd/);
}); // prettier-ignore

test('whoever runs the worker may name any variable and any file', () => {
  for (const text of ['env:EMBED_KEY', 'file:/run/secrets/key'])
    expect(operatorReference.safeParse(text).success).toBe(true);
  expect(operatorReference.safeParse('sk-hunter2').success).toBe(false);
});
