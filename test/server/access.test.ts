// Who may ask the front door: a token with a scope; without one this machine alone, and no page of somebody else in its browser.
import { expect, test } from 'vitest';
import { newToken, tokenDigest } from '../../src/domain/access.js';
import { insertAccessToken, revokeAccessToken } from '../../src/store/access-tokens.js';
import { tributary } from '../clients/command.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueQueue } from '../support/temporal.js';
import { commandEnvironment } from '../support/worker-process.js';
import { testFrontDoor } from './front-door.js';

const database = testDatabase();
const open = testFrontDoor(database);
const closed = testFrontDoor(database, { tokenNeeded: true });
const everywhere = testFrontDoor(database, { host: '0.0.0.0' });

const json = { 'content-type': 'application/json' };
const bearer = (token: string) => ({ ...json, authorization: `Bearer ${token}` });
const event = '{"type":"a","id":"1"}';

async function status(door: { post: typeof open.post }, headers: Record<string, string>): Promise<number> {
  return (await door.post('/v1/events', event, headers)).status;
}

test('a token is made, used, listed and revoked by commands, and shown once', async () => {
  const environment = commandEnvironment(database, uniqueQueue('token'));
  const run = (...words: string[]) => tributary(['token', ...words, '--json'], environment);
  const made = await run('create', 'shop', '--scope', 'push');
  expect(made.code, made.err).toBe(0);
  const token = made.items[0]!['token'] as string;
  expect(token).toMatch(/^tributary_[\w-]{43}$/);
  expect(await status(closed, bearer(token))).toBe(200);
  expect(await run('create', 'shop')).toMatchObject({ code: 2 });
  const listed = await run('list');
  expect(listed.items).toMatchObject([{ name: 'shop', scopes: ['push'], state: 'holds' }]);
  const { rows } = await database.pool.query('select digest::text as digest, name from access_tokens');
  expect(JSON.stringify([listed.out, rows])).not.toContain(token.slice('tributary_'.length));
  expect((await run('revoke', 'shop')).items).toMatchObject([{ outcome: 'revoked', before: false }]);
  await eventually('it does not hold any more', async () => (await status(closed, bearer(token))) === 401);
  expect((await run('list')).items).toMatchObject([{ state: 'revoked' }]);
  expect(await run('revoke', 'nobody')).toMatchObject({ code: 2 });
  expect(await run('create', 'x', '--scope', 'everything')).toMatchObject({ code: 2 });
});

test('an address beside loopback needs a token, and so does a door that says so', async () => {
  for (const door of [everywhere, closed]) {
    const none = await door.post('/v1/events', event);
    expect(none).toMatchObject({ status: 401, body: { code: 'unauthorized', field: 'authorization' } });
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
  }
  expect((await fetch(`${closed.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${closed.url}/readyz`)).status).toBe(200);
});

test('a token that is no token, revoked, expired or for something else lets nobody in, on loopback neither', async () => {
  const make = async (name: string, scopes: readonly ('push' | 'read' | 'admin')[], expiresAt: Date | null = null) => {
    const token = newToken();
    await insertAccessToken(database.pool, { name, digest: tokenDigest(token), scopes, createdBy: 'ana', expiresAt });
    return token;
  };
  const revoked = await make('revoked', ['push']);
  await revokeAccessToken(database.pool, 'revoked', 'ana');
  const expired = await make('expired', ['push'], new Date(Date.now() - 1_000));
  const reader = await make('reader', ['read']);
  const wrong = [revoked, expired, newToken(), 'tributary_', 'x', `${reader}x`, ''];
  for (const door of [open, closed])
    for (const token of wrong) expect(await status(door, bearer(token)), token).toBe(401);
  expect(await status(open, { ...json, authorization: 'Basic YTpi' })).toBe(401);
  const told = await open.post('/v1/events', event, bearer(reader));
  expect(told).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  expect(JSON.stringify(told.body)).not.toContain(reader);
  const admin = await make('admin', ['admin']);
  expect(await status(everywhere, bearer(admin))).toBe(200);
});

test.each<[string, Record<string, string>, number]>([
  ['a page of somebody else', { origin: 'https://evil.example' }, 403],
  ['a page without an origin', { origin: 'null' }, 403],
  ['a proxy that passes it on', { 'x-forwarded-for': '203.0.113.7' }, 401],
  ['a page of this machine', { origin: 'http://localhost:3000' }, 200],
])('without a token, %s', async (_, headers, expected) => {
  expect(await status(open, { ...json, ...headers })).toBe(expected);
});

test('a name that leads here from elsewhere (DNS rebinding) is not let in without a token', async () => {
  const { request } = await import('node:http');
  const { port } = new URL(open.url);
  const code = await new Promise((resolve) =>
    request({ port, method: 'POST', path: '/v1/events', headers: { ...json, host: 'evil.example' } }, (answer) =>
      resolve(answer.resume().statusCode),
    ).end(event),
  );
  expect(code).toBe(403);
});
