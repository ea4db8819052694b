// The environment: wrong settings are refused in one line that names them and never repeats them; secrets are read when
// they are needed, from where they are said to be.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig, resolveSecret, sourceSecrets, unknownVariables } from '../src/config.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const embed = { TRIBUTARY_EMBED_URL: 'http://127.0.0.1:8080/v1', TRIBUTARY_EMBED_MODEL: 'm' };

test('nothing is embedded unless it is set up; the key stays a reference, its path absolute', () => {
  expect(loadConfig({}).embed).toBeUndefined();
  expect(loadConfig(embed).embed).toEqual({ url: 'http://127.0.0.1:8080/v1', model: 'm', key: undefined, dimensions: undefined, fields: {} });
  const more = { TRIBUTARY_EMBED_KEY: 'file:key', TRIBUTARY_EMBED_DIMENSIONS: '256', TRIBUTARY_EMBED_FIELDS: '{"acme.note":["title"],"*":[]}' };
  expect(loadConfig({ ...embed, ...more }, '/etc/acme').embed).toMatchObject({ key: 'file:/etc/acme/key', dimensions: 256, fields: { 'acme.note': ['title'], '*': [] } });
  expect(loadConfig({ ...embed, TRIBUTARY_EMBED_KEY: 'env:EMBED_KEY' }).embed).toMatchObject({ key: 'env:EMBED_KEY' });
});

test('a proxy is what every program reads; small letters win', () => {
  expect(loadConfig({}).proxy).toEqual({ https: undefined, http: undefined, none: undefined });
  const both = { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2', HTTP_PROXY: 'http://c:3', NO_PROXY: '.internal' };
  expect(loadConfig(both).proxy).toEqual({ https: 'http://b:2', http: 'http://c:3', none: '.internal' });
});

test.each<[Record<string, string>, string]>([
  [{ TRIBUTARY_EMBED_URL: 'hunter2' }, 'TRIBUTARY_EMBED_URL'],
  [{ TRIBUTARY_EMBED_URL: 'ftp://hunter2' }, 'TRIBUTARY_EMBED_URL'],
  [{ TRIBUTARY_EMBED_URL: 'https://user:hunter2@acme.example/v1' }, 'TRIBUTARY_EMBED_URL'],
  [{ TRIBUTARY_EMBED_KEY: 'sk-hunter2' }, 'TRIBUTARY_EMBED_KEY'],
  [{ TRIBUTARY_EMBED_KEY: 'env:sk-hunter2' }, 'TRIBUTARY_EMBED_KEY'],
  [{ TRIBUTARY_EMBED_DIMENSIONS: '0' }, 'TRIBUTARY_EMBED_DIMENSIONS'],
  [{ TRIBUTARY_EMBED_FIELDS: '{"hunter2' }, 'TRIBUTARY_EMBED_FIELDS'],
  [{ TRIBUTARY_EMBED_FIELDS: '["hunter2"]' }, 'TRIBUTARY_EMBED_FIELDS'],
  [{ TRIBUTARY_EMBED_FIELDS: '{"a":"hunter2"}' }, 'TRIBUTARY_EMBED_FIELDS'],
])('%j is refused, by name and without its value', (wrong, name) => {
  expect(() => loadConfig({ ...embed, ...wrong })).toThrow(
    expect.objectContaining({ name: 'InvalidInput', message: expect.stringMatching(new RegExp(`^environment: ${name}[^\\n]*expected[^\\n]*$`, 'i')) }),
  );
  expect(() => loadConfig({ ...embed, ...wrong })).not.toThrow(/hunter2/);
});

test.each([[{ TRIBUTARY_EMBED_URL: embed.TRIBUTARY_EMBED_URL }, 'MODEL'], [{ TRIBUTARY_EMBED_MODEL: 'm' }, 'URL'], [{ TRIBUTARY_EMBED_KEY: 'env:A' }, 'URL']])(
  'half of a set-up %j is refused',
  (half, missing) => {
    expect(() => loadConfig(half)).toThrow(`TRIBUTARY_EMBED_${missing} is not set`);
  },
);

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
  await expect(resolveSecret(reference, env)).rejects.toMatchObject({ name: 'NeedsAttention', message: `${reference} has no secret of one word of plain characters` });
});

test('a home whose files could not be named is refused by name', () => {
  for (const home of ['/a\nb', 'a\u001bb', '/a\ufffdb', `/${'é'.repeat(430)}`]) {
    expect(() => loadConfig({ TRIBUTARY_HOME: home }, '/')).toThrow(/^TRIBUTARY_HOME: ".*set TRIBUTARY_HOME to another directory$/);
  }
  expect(() => loadConfig({}, '/work\nhere')).toThrow('TRIBUTARY_HOME: ');
  for (const name of ['C# a?b=c%41%zz&d', `q"q'q \`id\` $HOME \\n`, '-d é漢', 'ä'.repeat(400)]) expect(loadConfig({ TRIBUTARY_HOME: name }, '/').home).toBe(`/${name}`);
});

test('the secrets of sources are files of one folder, and variables of one beginning', async () => {
  expect(loadConfig({}, '/srv').secretsDirectory).toBe('/srv/.tributary/secrets');
  expect(loadConfig({ TRIBUTARY_SECRETS_DIR: 'keys' }, '/srv').secretsDirectory).toBe('/srv/keys');
  writeFileSync(join(directory, 'acme'), 'sk-3\n');
  const secret = sourceSecrets(directory, { TRIBUTARY_SECRET_A: 'sk-4', HOME: '/root' });
  expect([await secret('file:acme'), await secret('env:TRIBUTARY_SECRET_A')]).toEqual(['sk-3', 'sk-4']);
  for (const wrong of ['env:HOME', 'file:../acme', `file:${directory}/acme`]) await expect(secret(wrong)).rejects.toThrow();
  await expect(secret('file:other')).rejects.toMatchObject({ code: 'secret_missing', message: `file:other (${directory}/other) has no secret of one word of plain characters` });
  expect(unknownVariables({ TRIBUTARY_SECRET_A: '1', TRIBUTARY_SECRETS_DIR: 'x' })).toEqual([]);
});
