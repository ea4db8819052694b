// Wrong use ends with exit code 2 and one line that names the field, before anything is started or stored.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tributary } from './command.js';
import { ownCommand } from './own-command.js';
import { builtInSources } from '../../src/sources/index.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
const home = join(directory, 'home');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const types: readonly string[] = builtInSources.map(({ type }) => type).sort();

const refused: readonly (readonly [words: string, names: string])[] = [
  ['nonsense', "unknown command 'nonsense'"],
  ['help nope', "unknown command 'nope'"],
  ['status --every 5s', "option '--every <time>' is between two looks of --watch"],
  ['sync', "missing required argument 'type or id'"],
  ['sync synthetic --nonsense', "unknown option '--nonsense'"],
  ['sync gti .', `source.type: found "gti", expected one of ${types.join(', ')}`],
  ['sync synthetic https://example.org/x', 'argument: a synthetic source has no url'],
  ['sync synthetic --set events=many', 'events: '],
  ['sync synthetic --set events=-1', 'events: '],
  ['sync synthetic --set nope=1', 'nope: is not an option here; expected one of events, seed'],
  ['sync synthetic --set __proto__=1', '__proto__: is not an option here'],
  ['sync synthetic --set events=1 --set events=2', 'events: is set twice'],
  ['sync synthetic --set events=1 seed=2 rubbish more', 'set: found "more", expected key=value'],
  ['sync synthetic --id Acme/API', 'id: expected segments'],
  ['sync git', 'url: is missing'],
  [
    'sync ./nowhere-at-all',
    'type or id: is left out, and no type of source recognises "./nowhere-at-all", which does not exist',
  ],
  ['sync git . --set url=/tmp', 'url: is given twice'],
  ['sync git . --set refs=main', 'refs: '],
  ['sync git ext::sh', 'url: names a transport helper'],
  ['sync git -- --upload-pack=touch', "url: starts with '-'"],
  ['sync git --upload-pack=touch', "unknown option '--upload-pack=touch'"],
  ['sync git https://me:secret@example.org/x.git', 'url: holds a user name or password'],
  ['events --since yesterday', 'since: found "yesterday", expected a date'],
  ['events --since 2026-02-99', 'since: '],
  ['events --limit 0', 'limit: found "0", expected a whole number from 1'],
  ['events --priority 5', 'priority: found "5", expected a whole number from 1 to 4'],
  ['events --source ../etc', 'source: expected segments'],
  ['verify a//b', 'source: expected segments'],
  ['embed a//b', 'source: expected segments'],
  ['embed', 'environment: TRIBUTARY_EMBED_URL and TRIBUTARY_EMBED_MODEL are not set'],
  ['stop ..', 'id: expected segments'],
  ['pause ..', 'id: expected segments'],
  ['pause a --until yesterday', 'until: found "yesterday", expected a date'],
  ['pause a --until 2020-01-01', 'until: 2020-01-01T00:00:00.000Z is over'],
  ['resume A', 'id: expected segments'],
  ['follow synthetic --every 0s', 'every: found "0s", expected a time above zero'],
  ['follow synthetic --every 1ms', 'every: expected from 100ms to 7d'],
  ['follow gti .', `source.type: found "gti", expected one of ${types.join(', ')}`],
  ['schedule a', 'every: expected either --every 5m or --cron'],
  ['schedule lst', 'every: expected either --every 5m or --cron "0 * * * *"; and "lst" is none of set, list, trigger'],
  ['schedule remov acme/api', 'schedule: "remov" is none of set, list, trigger, pause, resume, remove'],
  ['schedule a --every 1000000d', 'every: found "1000000d", expected at most 36500d'],
  ['schedule a --every 400d', 'every: expected at most 366d'],
  ['schedule a --every 5m --jitter 99999999999h', 'jitter: found "99999999999h", expected at most 36500d'],
  ['pause a --until 999999999w', 'until: found "999999999w", expected at most 36500d'],
  ['pause a --until 2040-02-30', 'until: found "2040-02-30", expected a date'],
  ['events --since 999999w', 'since: found "999999w", expected at most 36500d'],
  ['events --since 0000-01-01', 'since: found "0000-01-01", expected a date'],
  ['schedule a --every 5m --cron x', 'every: expected either --every 5m or --cron'],
  ['schedule a --every=-5m', 'every: found "-5m", expected a time above zero'],
  ['schedule a --every 10ms', 'every: expected at least 1s'],
  ['schedule a --every 5m --timezone UTC', 'timezone: says something only about --cron'],
  ['schedule trigger ..', 'id: expected segments'],
  ['secret set ../acme', 'name: expected at most 250 letters, digits, dots'],
  ['sources show ..', 'id: expected segments'],
  ['sources set ..', 'id: expected segments'],
  ['sources set a', 'settings: are missing; expected key=value'],
  ['sources set a mode=never', 'mode: expected "once" or "follow"'],
  ['sources set a nope=1', 'nope: is no setting; expected one of mode, pollIntervalMs'],
  ['sources remove a', 'events: expected either --keep-events or --delete-events'],
  ['sources remove a --keep-events', 'yes: is missing'],
  ['sync synthetic --set nope=', 'nope: is not an option here'],
  ['dead-letters list ../etc', 'source: expected segments'],
  ['dead-letters list --state nope', 'state: found "nope", expected one of open, redriven, discarded, all'],
  ['dead-letters list --after acme/api', 'after: found "acme/api", expected source@epoch.page.ordinal'],
  ['dead-letters show acme/api@1.2', 'key: found "acme/api@1.2", expected source@epoch.page.ordinal'],
  ['dead-letters show a@1.1.1 --raw --json', 'raw: is given beside --json'],
  ['dead-letters redrive', 'keys: are missing'],
  ['dead-letters redrive a@1.1.1 b', 'keys.1: found "b"'],
  ['dead-letters redrive a@1.1.1 --source a', 'keys: are given beside a filter'],
  ['dead-letters redrive --code not_json', 'source: is missing'],
  ['dead-letters redrive --all', 'all: means every source; expected --yes beside it'],
  ['dead-letters redrive --all --source a --yes', 'all: is given beside --source'],
  ['dead-letters discard a@1.1.1', "required option '--reason <text>' not specified"],
  ['deferred list --limit 0', 'limit: found "0", expected a whole number from 1'],
  ['logs nope', 'part: found "nope", expected one of supervisor, postgres, temporal, worker, door, hook'],
  ['status --watch --every 1ms', 'every: expected from 500ms to 1h'],
  ['sync --all acme/api', 'all: is given beside "acme/api"'],
  ['sync --all --set a=1', 'set: is about one source'],
  ['sync git . more', 'place: found "more" behind it, expected one'],
  ['events show', "missing required argument 'event'"],
  ['worker', 'environment: DATABASE_URL and TEMPORAL_ADDRESS are not both set'],
];

test.each(refused)('%s', async (words, names) => {
  const { code, out, err } = await ownCommand(words.split(' '), { TRIBUTARY_HOME: home });
  expect(err).toContain(`error: ${names}`);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect(err).not.toContain('secret');
  expect({ code, out, started: existsSync(home) }).toEqual({ code: 2, out: '', started: false });
});

test('a wrong environment is one line, without the value', async () => {
  const { code, err } = await tributary(['status'], {
    TRIBUTARY_HOME: home,
    DATABASE_URL: 'mysql://me:secret@host/db',
  });
  expect({ code, err }).toEqual({
    code: 2,
    err: 'error: environment: DATABASE_URL: expected postgres://user@host:port/database\n',
  });
});

test('wrong use ends a process of its own with the same', async () => {
  expect(await tributary(['events', '--limit', '0'], { TRIBUTARY_HOME: home })).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/^error: limit: found "0", expected a whole number from 1[^\n]*\n$/),
  });
});

test('help and version are right use; no command is not', async () => {
  const environment = { TRIBUTARY_HOME: home };
  const help = await tributary(['sync', '--help'], environment);
  expect(help.code).toBe(0);
  expect(help.out).toContain('$ tributary sync git .');
  expect(await tributary(['--version'], environment)).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^tributary \d+\.\d+\.\d+\nNode \d+\.\d+\.\d+\nTemporal CLI /),
  });
  expect(await tributary([], environment)).toMatchObject({ code: 2, out: '' });
});

test('what starts nothing says that nothing runs', async () => {
  const environment = { TRIBUTARY_HOME: home };
  const nothing = {
    stack: 'stopped',
    databaseUrl: null,
    temporalAddress: null,
    temporalUi: null,
    temporalCli: null,
    frontDoor: null,
  };
  expect(await tributary(['status', '--json'], environment)).toMatchObject({ code: 0, items: [nothing] });
  expect(await tributary(['down', '--json'], environment)).toMatchObject({
    code: 0,
    items: [{ stack: 'stopped', stopped: false }],
  });
  expect(existsSync(home)).toBe(false);
});
