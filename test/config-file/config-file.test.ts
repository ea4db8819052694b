// tributary.yaml as an origin of settings: which file is taken, what it says, and how what is wrong in it is told.
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsInForce } from '../../src/clients/doctor/settings.js';
import { loadConfig } from '../../src/config.js';
import { limits } from '../../src/limits.js';

function folder(text?: string): string {
  const place = mkdtempSync(join(tmpdir(), 'tributary-config-file-'));
  if (text !== undefined) writeFileSync(join(place, 'tributary.yaml'), text);
  return place;
}

const whole = `
database: { url: 'postgres://ana@db.example:5432/events', allowVolatile: true }
temporal: { address: 'temporal.example:7233', namespace: events, taskQueue: staging, configFile: temporal.toml }
enrichment:
  off: [code]
  embeddings:
    url: http://127.0.0.1:8080/v1
    model: m
    key: file:embed
    dimensions: 256
    fields: { acme.note: [title] }
performance: { memory: 600MiB, recentHashes: 0 }
retention: { rawRetentionDays: 30 }
`;

test('each entry holds as its variable would', () => {
  const place = folder(whole);
  mkdirSync(join(place, '.tributary'));
  expect(loadConfig({}, place)).toMatchObject({
    home: join(place, '.tributary'),
    databaseUrl: 'postgres://ana@db.example:5432/events',
    allowVolatile: true,
    temporalConfigured: true,
    temporalAddress: 'temporal.example:7233',
    temporalNamespace: 'events',
    temporalConfigFile: join(place, 'temporal.toml'),
    taskQueue: 'staging',
    enrichOff: ['code'],
    embed: {
      url: 'http://127.0.0.1:8080/v1',
      model: 'm',
      key: `file:${join(place, '.tributary', 'secrets', 'embed')}`,
      dimensions: 256,
      fields: { 'acme.note': ['title'] },
    },
    memoryBytes: 600 * 1_024 * 1_024,
    recentHashesMax: 0,
    rawRetentionDays: 30,
  });
});

test('the environment wins over the file, the file over the default, and doctor says which it was', () => {
  const place = folder('performance:\n  memory: 600MiB\n  recentHashes: 7\n');
  const env = { TRIBUTARY_RECENT_HASHES: '9' };
  const config = loadConfig(env, place);
  const told = Object.fromEntries(settingsInForce(config, env).map((one) => [one.setting, one]));
  expect(told['TRIBUTARY_MEMORY']).toMatchObject({
    value: 600 * 1_024 * 1_024,
    from: `${join(place, 'tributary.yaml')}:2:3 (performance.memory)`,
  });
  expect(told['TRIBUTARY_RECENT_HASHES']).toMatchObject({ value: 9, from: 'environment' });
  expect(told['TRIBUTARY_RAW_RETENTION_DAYS']).toMatchObject({ value: limits.rawRetentionDays, from: 'default' });
  expect(told['TRIBUTARY_CONFIG']).toMatchObject({ value: join(place, 'tributary.yaml') });
});

test('a database with a password is named by a reference; doctor says that it is set, and not what', () => {
  const place = folder('database: { url: env:TRIBUTARY_SECRET_DB }\ntemporal: { address: "t:7233" }\n');
  const env = { TRIBUTARY_CONFIG: 'tributary.yaml', TRIBUTARY_SECRET_DB: 'postgres://ana:hunter2@db/events' };
  const config = loadConfig(env, place);
  expect(config.databaseUrl).toBe(env.TRIBUTARY_SECRET_DB);
  const told = settingsInForce(config, env).filter(({ setting }) => setting === 'DATABASE_URL');
  expect(told).toEqual([{ setting: 'DATABASE_URL', value: 'set', from: expect.stringContaining('(database.url)') }]);
  expect(() => loadConfig({ TRIBUTARY_CONFIG: 'tributary.yaml' }, place)).toThrow(
    /tributary\.yaml:1:18: database\.url: env:TRIBUTARY_SECRET_DB has no URL/,
  );
  const files = folder('database: { url: file:db }\ntemporal: { address: "t:7233" }\n');
  mkdirSync(join(files, '.tributary', 'secrets'), { recursive: true });
  writeFileSync(join(files, '.tributary', 'secrets', 'db'), 'postgres://ana:hunter3@db/events\n');
  expect(loadConfig({}, files).databaseUrl).toBe('postgres://ana:hunter3@db/events');
});

test('the nearest file upwards is taken, one that is named instead of it, and none where none is wanted', () => {
  const place = folder('performance: { recentHashes: 1 }\n');
  const below = join(place, 'a', 'b');
  mkdirSync(below, { recursive: true });
  const other = folder('performance: { recentHashes: 2 }\n');
  expect(loadConfig({}, below).recentHashesMax).toBe(1);
  expect(loadConfig({ TRIBUTARY_CONFIG: join(other, 'tributary.yaml') }, below).recentHashesMax).toBe(2);
  expect(loadConfig({ TRIBUTARY_CONFIG: 'none' }, below)).toMatchObject({ file: undefined, recentHashesMax: 5_000 });
  writeFileSync(join(place, 'a', 'tributary.yaml'), 'performance: { recentHashes: 3 }\n');
  expect(loadConfig({}, below).recentHashesMax).toBe(3);
  // Not above the user's own directory.
  expect(loadConfig({ HOME: below }, below).file).toBeUndefined();
  expect(() => loadConfig({ TRIBUTARY_CONFIG: 'nowhere.yaml' }, place)).toThrow(/nowhere\.yaml": is no file here/);
});

test('a file that came with a folder names no server; beside a home, or named, it does', () => {
  for (const section of [
    "database: { url: 'postgres://evil.example/events' }",
    "temporal: { address: 'evil.example:7233' }",
    "enrichment: { embeddings: { url: 'https://evil.example', model: m, key: env:TRIBUTARY_SECRET_A } }",
  ]) {
    const place = folder(`${section}\n`);
    expect(() => loadConfig({}, place)).toThrow(/tributary\.yaml:1:\d+: \w+\.[\w.]+: names a server/);
    expect(loadConfig({ TRIBUTARY_CONFIG: 'tributary.yaml' }, place).file?.why).toBe('named');
    mkdirSync(join(place, '.tributary'));
    expect(loadConfig({}, place).file?.why).toBe('found');
  }
});

test('a profile is laid over the rest, map by map; what is wrong in it is told where it stands', () => {
  const place = folder(`performance: { memory: 600MiB, recentHashes: 1 }
retention: { rawRetentionDays: 30 }
profiles:
  development:
    performance: { recentHashes: 2 }
    retention: null
  broken:
    performance: { recentHashes: -1 }
`);
  expect(loadConfig({ TRIBUTARY_PROFILE: 'development' }, place)).toMatchObject({
    recentHashesMax: 2,
    memoryBytes: 600 * 1_024 * 1_024,
    rawRetentionDays: limits.rawRetentionDays,
    file: { profile: 'development' },
  });
  expect(() => loadConfig({ TRIBUTARY_PROFILE: 'broken' }, place)).toThrow(/yaml:8:34: performance\.recentHashes: /);
  expect(() => loadConfig({ TRIBUTARY_PROFILE: 'producton' }, place)).toThrow(/profiles: has no "producton"/);
  expect(() => loadConfig({ TRIBUTARY_PROFILE: 'x' }, folder())).toThrow(/^TRIBUTARY_PROFILE: is "x", and there is no/);
});

test.each([
  ['performance: { memroy: 600MiB }', /:1:16: performance\.memroy: is nothing here; did you mean memory\?/],
  ['performance: { memory: 1MiB }', /:1:16: performance\.memory: expected at least 320MiB/],
  ['performance: { memory: lots }', /:1:24: performance\.memory: expected a size/],
  ['performance:\n  recentHashes: no', /:2:17: performance\.recentHashes: found text, expected a number/],
  ['performance: 7', /:1:14: performance: found a number, expected an object/],
  ['performnce: {}', /:1:1: performnce: is nothing here; did you mean performance\?/],
  ['notification: {}', /:1:1: notification: is not here yet, and nothing would be told/],
  ['stream: { port: 1 }', /:1:1: stream: is not here yet/],
  ['home: /srv', /:1:1: home: is no setting of a file/],
  ['extensions: [./evil.js]', /:1:1: extensions: is no setting of a file/],
  ['enrichment: { embeddings: { model: m } }', /:1:15: enrichment\.embeddings\.url: expected http/],
  ['database: { url: "postgres://ana:hunter2@db/events" }', /:1:18: database\.url: holds a password/],
  ['database: { url: "postgres://db/events?password=hunter2" }', /:1:18: database\.url: holds a password/],
  ['database: { url: env:DATABASE_URL }', /:1:18: database\.url: expected env:TRIBUTARY_SECRET_NAME/],
  ['a: 1\nb: 1\nc: 1\nd: 1\ne: 1', /; and 2 more$/],
  ['', /:1:1: says nothing/],
  ['- 1', /:1:1: expected a map/],
])('%j is refused where it stands, and nothing secret is repeated', (text, message) => {
  const place = folder(text);
  expect(() => loadConfig({ TRIBUTARY_CONFIG: 'tributary.yaml' }, place)).toThrow(message);
  expect(() => loadConfig({ TRIBUTARY_CONFIG: 'tributary.yaml' }, place)).not.toThrow(/hunter2|\n/);
});

test('a file that no person wrote is refused before it is read: a pipe, a directory, a loop, too many bytes, no UTF-8', () => {
  const place = folder();
  execFileSync('mkfifo', [join(place, 'pipe')]);
  symlinkSync('loop', join(place, 'loop'));
  writeFileSync(join(place, 'large'), Buffer.alloc(limits.configFileBytesMax + 1, '#'));
  writeFileSync(join(place, 'bytes'), Buffer.from([0x61, 0x3a, 0x20, 0xff]));
  const named = (name: string) => () => loadConfig({ TRIBUTARY_CONFIG: name }, place);
  expect(named('pipe')).toThrow(/is no file but/);
  expect(named('.')).toThrow(/is no file but/);
  expect(named('loop')).toThrow(/is no file here/);
  expect(named('/dev/zero')).toThrow(/is no file but/);
  expect(named('large')).toThrow(/has 1048577 bytes, expected at most 1048576/);
  expect(named('bytes')).toThrow(/no UTF-8/);
});
