// What the front door says beside its routes: to what is no HTTP, to methods that are none, and of itself.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { testFrontDoor } from './front-door.js';

const database = testDatabase();
const door = testFrontDoor(database);

test('what is no HTTP, and a method that is none here, are answered as problems', async () => {
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  socket.write('GET / HTTP/9.9\r\nnonsense\r\n\r\n');
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"not_http"/);
  const get = await fetch(`${door.url}/v1/events`);
  expect([get.status, get.headers.get('allow'), get.headers.get('access-control-allow-origin')]).toEqual([
    405,
    'POST',
    null,
  ]);
  expect((await fetch(`${door.url}/v1/event`)).status).toBe(404);
});

test('the OpenAPI document has the routes, their bodies and what is answered', async () => {
  const document = (await (await fetch(`${door.url}/v1/openapi.json`)).json()) as OpenApi;
  expect(document.openapi).toBe('3.1.0');
  const { requestBody, responses, parameters } = document.paths['/v1/events']!['post']!;
  expect(Object.keys(requestBody!.content)).toEqual([
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
  ]);
  expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '207', '4XX', '503']));
  expect(parameters!.map(({ name }) => name)).toEqual(expect.arrayContaining(['source', 'idempotency-key']));
  expect(document.paths['/v1/webhooks/{*}']?.['post']?.responses).toHaveProperty('200');
  expect(document.paths['/v1/stream']?.['get']).toBeDefined();
});

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation | undefined> | undefined>;
}

interface Operation {
  readonly requestBody?: { readonly content: object };
  readonly responses: object;
  readonly parameters?: readonly { readonly name: string }[];
}
