// The fake API tells the truth about what it has and what it was asked, and its faults are what they are called.
import { afterEach, expect, test } from 'vitest';
import { NeedsAttention, Transient, WaitUntil } from '../../src/domain/errors.js';
import { createHttpClient } from '../../src/outside/http-client.js';
import { pagesOf } from '../../src/outside/pages.js';
import { startFakeApi, type FakeApi, type FakeApiOptions, type Item, type Stream } from './fake-api.js';
import {
  forbidden,
  gone,
  halfWritten,
  hangs,
  limited,
  loginPage,
  outage,
  reset,
  retryForms,
  truncated,
  type Fault,
} from './fake-api-faults.js';

const started: FakeApi[] = [];
afterEach(async () => {
  for (const api of started.splice(0)) await api.close();
});

async function starting(options: FakeApiOptions = {}): Promise<FakeApi> {
  const api = await startFakeApi(options);
  started.push(api);
  return api;
}

function client({ url }: FakeApi, token = 'token-of-the-test') {
  return createHttpClient({ base: url, allowPrivate: true, credential: async () => token });
}

async function read(api: FakeApi, stream: Stream, query = ''): Promise<Item[]> {
  const items: Item[] = [];
  for await (const { answer } of pagesOf(client(api), { url: `/${stream}?per_page=9${query}` }))
    items.push(...(answer.json() as Item[]));
  return items;
}

test('the same seed has the same items, another has others; what it has is what it serves', async () => {
  const [one, same, other] = [await starting({ seed: 7 }), await starting({ seed: 7 }), await starting({ seed: 8 })];
  expect(same.items('issues')).toEqual(one.items('issues'));
  expect(other.items('issues')).not.toEqual(one.items('issues'));
  for (const stream of ['issues', 'comments', 'members'] as const)
    expect(await read(one, stream)).toEqual(one.items(stream));
});

test('an edit moves an item to the end, with a later time; since finds it and what is new, inclusively', async () => {
  const api = await starting();
  const before = api.items('issues').at(-1)!;
  api.edit('issues', 3);
  api.add('issues', 2);
  const found = await read(api, 'issues', `&since=${before.updated_at}`);
  expect(found.map(({ id }) => id)).toEqual([before.id, 3, 26, 27]);
  expect(new Set(api.items('issues').map(({ id }) => id)).size).toBe(27);
  expect(api.items('issues').toSorted((one, two) => one.updated_at.localeCompare(two.updated_at))).toEqual(
    api.items('issues'),
  );
});

test('what did not change is 304, until it does', async () => {
  const api = await starting();
  const asking = client(api);
  const { validators } = await asking.askIfChanged({ url: '/members' }, {});
  expect((await asking.askIfChanged({ url: '/members' }, validators)).unchanged).toBe(true);
  api.add('members', 1);
  expect((await asking.askIfChanged({ url: '/members' }, validators)).unchanged).toBe(false);
  expect(api.calls.map(({ status }) => status)).toEqual([200, 304, 200]);
});

test('a wrong token is 401, another path 404', async () => {
  const api = await starting();
  await expect(client(api, 'wrong').ask({ url: '/issues' })).rejects.toMatchObject({ code: 'http_401' });
  await expect(client(api).ask({ url: '/elsewhere' })).rejects.toMatchObject({ code: 'http_404' });
});

test.each(
  Object.entries(retryForms).flatMap(([form, { said }]) =>
    ([429, 403] as const).map((status) => [status, form, said] as const),
  ),
)(
  'a %d that says when by %s is a wait of two to four seconds, or of a minute where nothing usable is said',
  async (status, form, said) => {
    const api = await starting();
    api.failNext('issues', limited(status, form));
    const asked = client(api).ask({ url: '/issues' });
    if (form === 'nothing' && status === 403) return expect(asked).rejects.toMatchObject({ code: 'http_403' });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WaitUntil);
    const seconds = ((error as WaitUntil).until.getTime() - api.calls[0]!.at) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(said ? 2 : 60);
    expect(seconds).toBeLessThan(said ? 5 : 62);
    // The log knows who comes before the time; the other streams are not concerned.
    await client(api).ask({ url: '/issues' });
    await client(api).ask({ url: '/members' });
    expect(api.calls.map(({ early }) => early)).toEqual([false, said, false]);
  },
);

test.each<[string, Fault, string, new (...given: never[]) => Error]>([
  ['forbidden', forbidden, 'http_403', NeedsAttention],
  ['gone', gone, 'http_410', NeedsAttention],
  ['an outage', outage, 'http_502', Transient],
  ['a login page', loginPage, 'answer_not_json', NeedsAttention],
  ['half written', halfWritten, 'answer_malformed', Transient],
  ['truncated', truncated, 'answer_truncated', Transient],
  ['reset', reset, 'http_away', Transient],
  ['silent', hangs, 'http_slow', Transient],
])('one stream %s is as it says, the others go on, and mended it is read', async (_, fault, code, kind) => {
  const api = await starting();
  api.failAlways('comments', fault);
  const ask = async (stream: Stream) =>
    (
      await client(api).ask({
        url: `/${stream}`,
        bounds: { totalMs: 2_000, ...(fault === hangs ? { totalMs: 100 } : {}) },
      })
    ).json();
  for (let times = 0; times < 2; times++) {
    const error = await ask('comments').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code });
  }
  expect(await ask('issues')).toHaveLength(10);
  api.failAlways('comments', undefined);
  expect(await read(api, 'comments')).toEqual(api.items('comments'));
});
