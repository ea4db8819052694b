// Deliveries to events, and who is believed: pure, without a server.
import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRecordRejected } from '../../../src/domain/source.js';
import { webhook } from '../../../src/sources/webhook/index.js';
import { options, type WebhookOptions } from '../../../src/sources/webhook/options.js';
import { providerOf } from '../../../src/sources/webhook/providers/index.js';
import { recordOf } from '../../../src/sources/webhook/record.js';

const secret = 'secret-of-the-test-0123456789';
const now = Date.parse('2026-01-31T12:00:00Z');
const received = new Date(now);

function given(more: Record<string, unknown>): WebhookOptions {
  return options.parse({ secret: 'env:TRIBUTARY_SECRET_HOOK', ...more });
}

function eventOf(chosen: WebhookOptions, body: string | Buffer, headers: Record<string, string> = {}) {
  const record = recordOf({ headers, body: Buffer.from(body) }, providerOf(chosen).kept, received);
  const [event, ...others] = webhook.toEvents(record, { options: chosen, stream: null });
  expect(others).toEqual([]);
  return event!;
}

interface Example {
  readonly name: string;
  readonly examples: readonly object[];
}

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as
  | readonly Example[]
  | { default: readonly Example[] };

test("every payload that GitHub's own examples have becomes one event, with all that it says", () => {
  const github = given({ provider: 'github' });
  const all = 'default' in examples ? examples.default : examples;
  const payloads = all.flatMap(({ name, examples: of }) => of.map((payload) => ({ name, payload })));
  expect(payloads.length).toBeGreaterThan(100);
  for (const [at, { name, payload }] of payloads.entries()) {
    const event = eventOf(github, JSON.stringify(payload), { 'x-github-event': name, 'x-github-delivery': `d-${at}` });
    expect(event).toMatchObject({ type: `webhook.github.${name}`, identity: { kind: 'immutable', key: `d-${at}` } });
    expect(event.data['body']).toEqual(payload);
    expect([event.flags, event.raw]).toEqual([undefined, undefined]);
  }
});

test('plain HMAC: headers, algorithm, encoding and prefix are options; without an id a delivery is its body', () => {
  const chosen = given({
    provider: 'hmac',
    signatureHeader: 'X-Sig',
    algorithm: 'sha512',
    encoding: 'base64',
    prefix: 'v1=',
    timestampHeader: 'X-Time',
    idHeader: 'X-Id',
    eventHeader: 'X-Kind',
  });
  const time = String(now / 1_000);
  const refusal = (headers: Record<string, string>, at = now) =>
    providerOf(chosen).refusal({ headers, body: Buffer.from('hello') }, [secret], at);
  const signature = createHmac('sha512', secret).update(`${time}.hello`).digest('base64');
  const headers = { 'x-sig': `v1=${signature}`, 'x-time': time };
  expect(refusal(headers)).toBeNull();
  expect(refusal({ ...headers, 'x-sig': signature })).toContain('wrong');
  expect(refusal({ 'x-time': time })).toContain('missing');
  expect(refusal({ 'x-sig': headers['x-sig'] })).toContain('time');
  expect(refusal({ ...headers, 'x-time': String(now / 1_000 + 1) })).toContain('wrong');
  for (const off of [-300_001, 300_001]) expect(refusal(headers, now + off)).toContain('time');
  for (const off of [-300_000, 300_000]) expect(refusal(headers, now + off)).toBeNull();
  const text = { 'content-type': 'text/plain' };
  expect(eventOf(chosen, 'hello', { ...text, 'x-id': '7', 'x-kind': 'greeting' })).toMatchObject({
    type: 'webhook.hmac.greeting',
    identity: { key: '7' },
    data: { body: 'hello' },
  });
  expect(eventOf(chosen, 'hello', text)).toMatchObject({
    type: 'webhook.hmac.delivery',
    identity: { key: `sha256:${createHash('sha256').update('hello').digest('hex')}` },
  });
});

test('an option of plain HMAC beside another provider is refused by its name, and so is no secret', () => {
  expect(() => given({ provider: 'github', prefix: 'x' })).toThrow(/prefix/);
  expect(() => options.parse({ provider: 'github' })).toThrow(/secret/);
  expect(() => given({ provider: 'github', secret: 'the secret itself' })).toThrow(/never given/);
});

test('what jsonb cannot hold is flagged, and the bytes are beside it', () => {
  const body = '{"id":9007199254740993,"far":1e400,"twice":1,"twice":2,"__proto__":{"admin":true}}';
  const event = eventOf(given({ provider: 'stripe' }), body);
  expect(event.flags).toEqual(['duplicate_keys', 'number_as_text']);
  expect(Buffer.from(event.raw!).toString()).toBe(body);
  expect(event.data['body']).toMatchObject({ id: '9007199254740993', far: '1e400', twice: 2 });
  expect(Object.keys(event.data['body'] as object)).toContain('__proto__');
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
  const bytes = eventOf(given({ provider: 'hmac' }), Buffer.from([0, 255]), { 'content-type': 'application/zip' });
  expect(bytes).toMatchObject({ flags: ['base64'], data: { body: Buffer.from([0, 255]).toString('base64') } });
});

const providers = ['github', 'slack', 'stripe', 'standard', 'hmac'] as const;
const headerNames = [
  'x-hub-signature-256',
  'x-slack-signature',
  'x-slack-request-timestamp',
  'stripe-signature',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'x-signature',
  'content-type',
  'x-github-event',
];

test('nobody is believed by chance, and no bytes and headers make the mapper fail in another way than by refusing', () => {
  const signs = '0123456789abcdef=,v1t. {}"[]:%&'.split('');
  const word = fc.string({ maxLength: 70, unit: fc.constantFrom(...signs) });
  const headers = fc.dictionary(fc.constantFrom(...headerNames), word);
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    word.map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...providers), headers, body, (provider, found, bytes) => {
      const [chosen, delivery] = [given({ provider }), { headers: found, body: Buffer.from(bytes) }];
      expect(providerOf(chosen).refusal(delivery, [secret], now)).toBeTypeOf('string');
      try {
        expect(eventOf(chosen, delivery.body, found).type).toMatch(/^webhook\.[a-z]+\.[\w.:/-]+$/);
        webhook.toEvents(bytes, { options: chosen, stream: null });
      } catch (error) {
        if (!isRecordRejected(error)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});
