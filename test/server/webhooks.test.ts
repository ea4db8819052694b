// POST /v1/webhooks/<source id>, with the libraries that senders sign with: whoever signed it is believed, nobody else, and a delivery
// that comes again is known.
import { createHmac } from 'node:crypto';
import { sign as signGithub } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import { beforeAll, expect, test } from 'vitest';
import { openSource } from '../../src/door/open-source.js';
import { createRegistry } from '../../src/sources/index.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { uniqueSource } from '../support/temporal.js';
import { testFrontDoor, type Told } from './front-door.js';

const secret = 'secret-of-the-test-0123456789';
const before = 'secret-before-that-0123456789';
const standardSecret = `whsec_${Buffer.from('key-of-the-standard-webhooks').toString('base64')}`;
Object.assign(process.env, {
  TRIBUTARY_SECRET_HOOK: secret,
  TRIBUTARY_SECRET_BEFORE: before,
  TRIBUTARY_SECRET_STANDARD: standardSecret,
  TRIBUTARY_SECRET_SHORT: 'short',
});

const database = testDatabase();
const door = testFrontDoor(database);
const registry = createRegistry();

/** As a sync of it does. */
async function made(name: string, options: Record<string, unknown>): Promise<string> {
  const id = uniqueSource(name);
  const given = { secret: 'env:TRIBUTARY_SECRET_HOOK', ...options };
  await openSource(database.workerPool, { source: registry.get('webhook'), id, options: given }, async () => ({
    stages: [],
    processors: [],
  }));
  return id;
}

async function stored(source: string) {
  const { rows } = await database.pool.query<{
    id: string;
    type: string;
    data: { body: unknown };
    subject: string | null;
    flags: string[] | null;
  }>('select id, type, data, subject, flags, time from events where source = $1 order by page, ordinal', [source]);
  return rows;
}

const deliver = (source: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Told> =>
  door.post(`/v1/webhooks/${source}`, body, { 'content-type': 'application/json', ...headers });

const hex = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex');
const seconds = (off = 0) => String(Math.floor(Date.now() / 1_000) + off);

let github: string;
beforeAll(async () => {
  github = await made('github', { provider: 'github', previousSecret: 'env:TRIBUTARY_SECRET_BEFORE' });
});

const push = async (body: string, id: string, key = secret) => ({
  'x-hub-signature-256': body === '' ? `sha256=${hex(key, body)}` : await signGithub(key, body),
  'x-github-event': 'issues',
  'x-github-delivery': id,
});

test('a delivery of GitHub is stored with its bytes, and known when it is sent again, also with the secret before', async () => {
  const body = '{"action":"opened", "issue":{"number":7,"id":9007199254740993},"repository":{"full_name":"acme/api"}}';
  const first = await deliver(github, body, await push(body, 'd-1'));
  expect(first).toMatchObject({ status: 200, body: { source: github, outcome: 'accepted', id: 'd-1' } });
  expect((await deliver(github, body, await push(body, 'd-1', before))).body).toMatchObject({ outcome: 'known' });
  const [event] = await stored(github);
  expect(event).toMatchObject({
    type: 'webhook.github.issues',
    subject: 'acme/api#7',
    flags: ['number_as_text'],
    data: { headers: { 'x-github-delivery': 'd-1' }, body: { issue: { id: '9007199254740993' } } },
  });
  const { rows } = await database.pool.query<{ raw: Buffer }>('select raw from events where source = $1', [github]);
  expect(rows.map(({ raw }) => raw.toString())).toEqual([body]);
});

test('a form with payload= is its payload, and a ping is a delivery like any other', async () => {
  const form = `payload=${encodeURIComponent('{"zen":"Keep it logically awesome."}')}`;
  const headers = { ...(await push(form, 'd-ping')), 'x-github-event': 'ping' };
  expect(
    await deliver(github, form, { ...headers, 'content-type': 'application/x-www-form-urlencoded' }),
  ).toMatchObject({ status: 200 });
  expect((await stored(github)).find(({ id }) => id === 'd-ping')).toMatchObject({
    type: 'webhook.github.ping',
    data: { body: { zen: 'Keep it logically awesome.' } },
  });
});

test('who did not sign it learns nothing: an unknown source, a program and a wrong signature are answered alike', async () => {
  const [body, other] = ['{"a":1}', '{"a": 1}'];
  const right = await push(body, 'd-2');
  await door.post(`/v1/events?source=${github}-program`, '{"type":"a"}');
  const told = [
    await deliver('no/such/source', body, right),
    await deliver(`${github}-program`, body, right),
    await deliver('..%2f..', body, right),
    await deliver(github, other, right),
    await deliver(github, body, { ...right, 'x-hub-signature-256': await signGithub('x'.repeat(30), body) }),
    await deliver(github, body, { 'x-github-event': 'issues', 'x-github-delivery': 'd-2' }),
    await deliver(github, body, { ...right, 'x-hub-signature-256': '' }),
    await deliver(github, body, { ...right, 'x-hub-signature-256': 'sha256=zz' }),
    await deliver(github, body, { ...right, 'x-hub-signature-256': right['x-hub-signature-256'].slice(0, -2) }),
    await deliver(github, body, {
      ...right,
      'x-hub-signature-256': right['x-hub-signature-256'].slice('sha256='.length),
    }),
    await deliver(github, body, { 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}` }),
  ];
  expect(told.map(({ status }) => status)).toEqual(told.map(() => 401));
  expect(new Set(told.map((one) => JSON.stringify(one.body))).size).toBe(1);
  for (const why of ['missing', 'wrong'])
    expect(door.logged.join('\n')).toContain(`${github}: the signature is ${why}`);
  expect(door.logged.join('\n')).not.toContain(secret);
  const upper = right['x-hub-signature-256'].replace(/[0-9a-f]{64}/, (found) => found.toUpperCase());
  expect(await deliver(github, body, { ...right, 'x-hub-signature-256': upper })).toMatchObject({ status: 200 });
});

test.each([
  ['nothing', ''],
  ['NaN', '{"a":NaN}'],
  ['a byte order mark', '\ufeff{}'],
  ['two documents', '{}{}'],
])('a signed body of %s is a fault of its sender, and no row', async (name, body) => {
  const source = await made('signed-faults', { provider: 'github' });
  expect(await deliver(source, body, await push(body, name))).toMatchObject({
    status: 400,
    body: { code: 'not_json' },
  });
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  expect(await deliver(source, deep, await push(deep, 'deep'))).toMatchObject({
    status: 422,
    body: { code: 'too_deep' },
  });
  expect(await stored(source)).toEqual([]);
});

test('Slack: the signed time holds for five minutes both ways, the challenge is answered to who signed, an event comes once', async () => {
  const source = await made('slack', { provider: 'slack' });
  const slack = (body: string, time: string, key = secret) =>
    deliver(source, body, {
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${hex(key, `v0:${time}:${body}`)}`,
    });
  const raw = async (body: string, key = secret) => {
    const time = seconds();
    const headers = {
      'content-type': 'application/json',
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${hex(key, `v0:${time}:${body}`)}`,
    };
    const answer = await fetch(`${door.url}/v1/webhooks/${source}`, { method: 'POST', body, headers });
    return [answer.status, await answer.text()];
  };
  const challenge = '{"type":"url_verification","challenge":"3eZbrw1a"}';
  expect(await raw(challenge)).toEqual([200, '3eZbrw1a']);
  expect((await raw(challenge, before))[0]).toBe(401);
  const body =
    '{"type":"event_callback","event_id":"Ev1","event_time":1700000000,"event":{"type":"message","channel":"C1"}}';
  expect(await raw(body)).toEqual([200, '']);
  expect(await raw(body)).toEqual([200, '']);
  for (const time of [seconds(-310), seconds(310), 'hello', '-1', '100000000000000000000'])
    expect((await slack(body, time)).status, time).toBe(401);
  expect((await slack('{"type":"x","event_id":"Ev2"}', seconds(-280))).status).toBe(200);
  expect((await slack('{"type":"x","event_id":"Ev3"}', seconds(280))).status).toBe(200);
  const command = 'command=%2Fweather&text=94070&channel_id=C2&trigger_id=1';
  const time = seconds();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': time,
    'x-slack-signature': `v0=${hex(secret, `v0:${time}:${command}`)}`,
  };
  expect((await deliver(source, command, headers)).status).toBe(200);
  expect((await stored(source)).map(({ id, type, subject }) => [id.slice(0, 10), type, subject])).toEqual([
    ['Ev1', 'webhook.slack.message', 'C1'],
    ['Ev2', 'webhook.slack.x', null],
    ['Ev3', 'webhook.slack.x', null],
    ['sha256:' + (await sha256(command)).slice(0, 3), 'webhook.slack.command', 'C2'],
  ]);
});

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}

test('Stripe: one of several v1 signatures is enough, v0 is not, and a list is not read for ever', async () => {
  const source = await made('stripe', { provider: 'stripe' });
  const body = '{"id":"evt_1","type":"charge.succeeded","created":1700000000,"data":{"object":{"id":"ch_1"}}}';
  const time = seconds();
  const good = hex(secret, `${time}.${body}`);
  const stripe = (signature: string) => deliver(source, body, { 'stripe-signature': signature });
  expect((await stripe(`t=${time},v1=${hex(before, `${time}.${body}`)},v1=${good}`)).body).toMatchObject({
    id: 'evt_1',
  });
  expect((await stripe(`t=${time},v0=${good}`)).status).toBe(401);
  expect((await stripe(`t=${seconds(-400)},v1=${good}`)).status).toBe(401);
  expect((await stripe(`t=${time},${'v1=00,'.repeat(100)}v1=${good}`)).status).toBe(401);
  expect(await stored(source)).toMatchObject([
    { id: 'evt_1', type: 'webhook.stripe.charge.succeeded', subject: 'ch_1' },
  ]);
});

test('Standard Webhooks: what its library signs is taken, by either name of the headers', async () => {
  const source = await made('standard', { provider: 'standard', secret: 'env:TRIBUTARY_SECRET_STANDARD' });
  const library = new Webhook(standardSecret);
  const body = '{"type":"user.created","timestamp":"2026-01-31T12:00:00Z","data":{"id":1}}';
  const headersOf = (id: string, at: Date, names = 'webhook') => ({
    [`${names}-id`]: id,
    [`${names}-timestamp`]: String(Math.floor(at.getTime() / 1_000)),
    [`${names}-signature`]: `v1,AAAA v1a,xx ${library.sign(id, at, body)}`,
  });
  const now = new Date();
  expect((await deliver(source, body, headersOf('msg_1', now))).body).toMatchObject({
    outcome: 'accepted',
    id: 'msg_1',
  });
  expect((await deliver(source, body, headersOf('msg_1', now, 'svix'))).body).toMatchObject({ outcome: 'known' });
  // The same body under another id is another delivery.
  expect((await deliver(source, body, headersOf('msg_2', now))).body).toMatchObject({ outcome: 'accepted' });
  expect((await deliver(source, body, { ...headersOf('msg_3', now), 'webhook-id': 'msg_4' })).status).toBe(401);
  expect((await deliver(source, body, headersOf('msg_5', new Date(now.getTime() - 310_000)))).status).toBe(401);
  expect(await stored(source)).toHaveLength(2);
});

test('a secret that is missing or short is told to whoever runs the door, and to nobody else', async () => {
  for (const name of ['SHORT', 'MISSING']) {
    const source = await made('unready', { provider: 'github', secret: `env:TRIBUTARY_SECRET_${name}` });
    const told = await deliver(source, '{}', await push('{}', '1'));
    expect(told).toMatchObject({ status: 503, body: { code: 'not_set_up' } });
    expect(JSON.stringify(told.body)).not.toContain(name);
    expect(door.logged.join('\n')).toContain(`env:TRIBUTARY_SECRET_${name}`);
  }
});

test('what was delivered is proved by verify', async () => {
  const [proof] = await verifySources(database.pool, { source: github, contents: () => true });
  expect([proof!.ok, proof!.invariants.filter(({ found }) => found > 0)]).toEqual([true, []]);
});
