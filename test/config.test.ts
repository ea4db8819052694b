// The environment: wrong settings are refused in one line that names them and never repeats them.
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config.js';

const embed = { TRIBUTARY_EMBED_URL: 'http://127.0.0.1:8080/v1', TRIBUTARY_EMBED_MODEL: 'm' };

test('nothing is embedded unless it is set up; the key stays a reference, its path absolute', () => {
  expect(loadConfig({}).embed).toBeUndefined();
  expect(loadConfig(embed).embed).toEqual({
    url: 'http://127.0.0.1:8080/v1',
    model: 'm',
    key: undefined,
    dimensions: undefined,
    fields: {},
  });
  const more = {
    TRIBUTARY_EMBED_KEY: 'file:key',
    TRIBUTARY_EMBED_DIMENSIONS: '256',
    TRIBUTARY_EMBED_FIELDS: '{"acme.note":["title"],"*":[]}',
  };
  expect(loadConfig({ ...embed, ...more }, '/etc/acme').embed).toMatchObject({
    key: 'file:/etc/acme/key',
    dimensions: 256,
    fields: { 'acme.note': ['title'], '*': [] },
  });
  expect(loadConfig({ ...embed, TRIBUTARY_EMBED_KEY: 'env:EMBED_KEY' }).embed).toMatchObject({ key: 'env:EMBED_KEY' });
});

test('a proxy is what every program reads; small letters win', () => {
  expect(loadConfig({}).proxy).toEqual({ https: undefined, http: undefined, none: undefined });
  const both = {
    HTTPS_PROXY: 'http://a:1',
    https_proxy: 'http://b:2',
    HTTP_PROXY: 'http://c:3',
    NO_PROXY: '.internal',
  };
  expect(loadConfig(both).proxy).toEqual({ https: 'http://b:2', http: 'http://c:3', none: '.internal' });
});

test.each<[Record<string, string>, string]>([
  [{ TRIBUTARY_EMBED_URL: 'hunter2' }, 'TRIBUTARY_EMBED_URL'],
  [{ TRIBUTARY_EMBED_URL: 'ftp://hunter2' }, 'TRIBUTARY_EMBED_URL'],
  [{ TRIBUTARY_EMBED_URL: 'https://user:hunter2@acme.example/v1' }, 'TRIBUTARY_EMBED_URL'],
  [{ TRIBUTARY_EMBED_KEY: 'sk-hunter2' }, 'TRIBUTARY_EMBED_KEY'],
  [{ TRIBUTARY_EMBED_KEY: 'env:sk-hunter2' }, 'TRIBUTARY_EMBED_KEY'],
  [{ TRIBUTARY_EMBED_DIMENSIONS: '0' }, 'TRIBUTARY_EMBED_DIMENSIONS'],
  [{ TRIBUTARY_EXTENSIONS_ENV: 'OWNER_TOKEN=hunter2' }, 'TRIBUTARY_EXTENSIONS_ENV'],
  [{ TRIBUTARY_EXTENSIONS_ENV: 'TRIBUTARY_SECRET_HUNTER2' }, 'TRIBUTARY_EXTENSIONS_ENV'],
  [{ TRIBUTARY_EXTENSIONS_ENV: 'OWNER_TOKEN,DATABASE_URL' }, 'TRIBUTARY_EXTENSIONS_ENV'],
  [{ TRIBUTARY_EXTENSIONS_ENV: 'PGPASSWORD' }, 'TRIBUTARY_EXTENSIONS_ENV'],
  [{ TRIBUTARY_EMBED_FIELDS: '{"hunter2' }, 'TRIBUTARY_EMBED_FIELDS'],
  [{ TRIBUTARY_EMBED_FIELDS: '["hunter2"]' }, 'TRIBUTARY_EMBED_FIELDS'],
  [{ TRIBUTARY_EMBED_FIELDS: '{"a":"hunter2"}' }, 'TRIBUTARY_EMBED_FIELDS'],
])('%j is refused, by name and without its value', (wrong, name) => {
  expect(() => loadConfig({ ...embed, ...wrong })).toThrow(
    expect.objectContaining({
      name: 'InvalidInput',
      message: expect.stringMatching(new RegExp(`^environment: ${name}[^\\n]*expected[^\\n]*$`, 'i')),
    }),
  );
  expect(() => loadConfig({ ...embed, ...wrong })).not.toThrow(/hunter2/);
});

test('an empty DATABASE_URL is told one thing, and nothing about percent codes it does not hold', () => {
  const wrong = () => loadConfig({ DATABASE_URL: '', TEMPORAL_ADDRESS: '127.0.0.1:7233' });
  expect(wrong).toThrow('DATABASE_URL: expected postgres://user@host:port/database');
  expect(wrong).not.toThrow(/percent/);
});

test.each([
  [{ TRIBUTARY_EMBED_URL: embed.TRIBUTARY_EMBED_URL }, 'MODEL'],
  [{ TRIBUTARY_EMBED_MODEL: 'm' }, 'URL'],
  [{ TRIBUTARY_EMBED_KEY: 'env:A' }, 'URL'],
])('half of a set-up %j is refused', (half, missing) => {
  expect(() => loadConfig(half)).toThrow(`TRIBUTARY_EMBED_${missing} is not set`);
});

test('a home whose files could not be named is refused by name', () => {
  for (const home of ['/a\nb', 'a\u001bb', '/a\ufffdb', `/${'é'.repeat(430)}`]) {
    expect(() => loadConfig({ TRIBUTARY_HOME: home }, '/')).toThrow(
      /^TRIBUTARY_HOME: ".*set TRIBUTARY_HOME to another directory$/,
    );
  }
  expect(() => loadConfig({ XDG_DATA_HOME: '/work\nhere' }, '/')).toThrow('TRIBUTARY_HOME: ');
  for (const name of ['C# a?b=c%41%zz&d', `q"q'q \`id\` $HOME \\n`, '-d é漢', 'ä'.repeat(400)])
    expect(loadConfig({ TRIBUTARY_HOME: name }, '/').home).toBe(`/${name}`);
});

test('the folder of secrets is in the home unless it is said', () => {
  expect(loadConfig({ XDG_DATA_HOME: '/data' }, '/srv').secretsDirectory).toBe('/data/tributary/secrets');
  expect(loadConfig({ TRIBUTARY_SECRETS_DIR: 'keys' }, '/srv').secretsDirectory).toBe('/srv/keys');
});
