// What an event's hash and id depend on, and what they do not.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventKey, hashEvent, hashRawRecord } from '../../src/domain/content-hash.js';
import type { EventDraft } from '../../src/domain/event.js';
import { aDraft } from '../support/builders.js';

const rules = { source: 'acme/api' };
const draft = aDraft({
  data: { text: 'hello', at: 1, deep: { files: ['a', 'b'] } },
  subject: 'a subject',
  time: '2026-01-01T00:00:00Z',
});
const hashOf = (part: Partial<EventDraft> = {}) => hashEvent({ ...draft, ...part }, 0, rules).contentHash;

test('the hash is 64 hexadecimal digits, the same at every call and place (A1.17)', () => {
  const hashes = new Set(Array.from({ length: 10 }, (_, ordinal) => hashEvent(draft, ordinal, rules).contentHash));
  expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
});

test('the hash is the sha256 of the canonical JSON of data, subject, time and type: another program can compute it', () => {
  const text =
    '{"data":{"at":1,"deep":{"files":["a","b"]},"text":"hello"},"subject":"a subject","time":"2026-01-01T00:00:00Z","type":"test.happened"}';
  expect(hashOf()).toBe(createHash('sha256').update(text).digest('hex'));
});

test('1,000 different events have 1,000 hashes (A1.17)', () => {
  expect(new Set(Array.from({ length: 1_000 }, (_, n) => hashOf({ data: { n } }))).size).toBe(1_000);
});

test.each<[string, Partial<EventDraft>]>([
  ['the type', { type: 'test.other' }],
  ['the subject', { subject: 'another' }],
  ['no subject', { subject: undefined }],
  ['the time', { time: '2026-01-01T00:00:01Z' }],
  ['no time', { time: undefined }],
  ['a value in the data', { data: { ...draft.data, text: 'hallo' } }],
  ['a key more', { data: { ...draft.data, more: null } }],
  ['a deep value', { data: { ...draft.data, deep: { files: ['b', 'a'] } } }],
])('%s changes the hash (A1.18)', (_what, part) => {
  expect(hashOf(part)).not.toBe(hashOf());
});

test.each<[string, Partial<EventDraft>]>([
  ['the identity', { identity: { kind: 'immutable', key: 'k' } }],
  ['the priority', { priority: 4 }],
  ['a flag', { flags: ['not_utf8'] }],
  ['the raw bytes', { raw: Buffer.from('x') }],
  ['the order of keys', { data: { deep: draft.data['deep'], at: 1, text: 'hello' } }],
])('%s does not change the hash (A1.18)', (_what, part) => {
  expect(hashOf(part)).toBe(hashOf());
});

test('a volatile field is stored but not hashed', () => {
  const volatile = { ...rules, volatileFields: ['stars'] };
  const [few, many] = [1, 2].map((stars) => hashEvent({ ...draft, data: { name: 'x', stars } }, 0, volatile));
  expect(few!.contentHash).toBe(many!.contentHash);
  expect(few!.dataText).not.toBe(many!.dataText);
  expect(few!.contentHash).toBe(hashEvent({ ...draft, data: { name: 'x' } }, 0, rules).contentHash);
});

test('the id is the key, the key and version, or the content, as the source says', () => {
  const idOf = (identity: EventDraft['identity']) => hashEvent({ ...draft, identity }, 0, rules).id;
  expect(idOf({ kind: 'immutable', key: 'k' })).toBe('k');
  expect(idOf({ kind: 'versioned', key: 'k', version: '3' })).toBe('@k@3');
  expect(idOf({ kind: 'versioned', key: 'k', version: '3', variant: 'b5' })).toBe('@k@3~b5');
  expect(idOf({ kind: 'content' })).toBe(hashOf());
});

test('an id names its key, version and variant without doubt: two identities never have one id', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '@', '~', '%', '40', '7e'), minLength: 1, maxLength: 5 });
  const identity: fc.Arbitrary<EventDraft['identity']> = fc.oneof(
    fc.record({ kind: fc.constant('immutable' as const), key: part }),
    fc.record({
      kind: fc.constant('versioned' as const),
      key: part,
      version: part,
      variant: fc.option(part, { nil: undefined }),
    }),
  );
  const ids = new Map<string, string>();
  fc.assert(
    fc.property(identity, (one) => {
      const { id } = hashEvent({ ...draft, identity: one }, 0, rules);
      expect(ids.get(id) ?? JSON.stringify(one)).toBe(JSON.stringify(one));
      ids.set(id, JSON.stringify(one));
    }),
    { numRuns: 20_000 },
  );
  expect(ids.size).toBeGreaterThan(5_000);
});

test('the id of what never changes is its key, unless it begins as an id of a version does', () => {
  const idOf = (key: string) => hashEvent({ ...draft, identity: { kind: 'immutable', key } }, 0, rules).id;
  expect(['k', 'k@3', 'a@b~c', '%40', '@k@3'].map(idOf)).toEqual(['k', 'k@3', 'a@b~c', '%40', '@@k@3@']);
});

test('a version has its entity, its version and its order; what never changes has none', () => {
  const identity = { kind: 'versioned', key: 'issue/1', version: '007', variant: 'x' } as const;
  const hashed = hashEvent({ ...draft, identity }, 0, { ...rules, versionOrder: 'number' });
  expect(hashed).toMatchObject({ entity: 'issue/1', version: '007', versionOrder: '0017', flags: null });
  expect(hashEvent({ ...draft, identity: { ...identity, deleted: true } }, 0, rules).flags).toEqual(['deleted']);
  expect(hashEvent(draft, 0, rules)).toMatchObject({ entity: null, version: null, versionOrder: null });
});

test('two sources with the same id have different keys, and ids cannot run into the source name', () => {
  expect(eventKey('a', 'x')).not.toBe(eventKey('b', 'x'));
  expect(eventKey('a/b', 'x')).not.toBe(eventKey('a', 'b/x'));
});

test.each<[string, EventDraft['data']]>([
  ['empty data', {}],
  ['all null', { a: null, b: null }],
  ['100,000 characters', { text: 'x'.repeat(100_000) }],
  ['Unicode of every plane', { text: 'é 漢字 \u{1f600} \u0000 \ud800' }],
  ['100 metrics', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`m${n}`, n / 7]))],
  ['quotes and spaces in a path', { path: 'a "b" \\c d/é.txt' }],
])('%s has a hash (A1.20)', (_what, data) => {
  expect(hashOf({ data })).toMatch(/^[0-9a-f]{64}$/);
});

test('what has no canonical text is hashed over its raw record, is flagged and keeps the bytes; two of one record differ (A1.7)', () => {
  const record = Buffer.from([0xff, 0xfe]);
  const [first, second] = [0, 1].map((part) => hashRawRecord(draft, 3, record, part, rules));
  expect(first).toMatchObject({ ordinal: 3, dataText: '{}', flags: ['not_canonical'], raw: record });
  expect(first!.id).not.toBe(second!.id);
  expect(hashRawRecord(draft, 9, Buffer.from([0xff, 0xfe]), 0, rules).id).toBe(first!.id);
  expect(hashRawRecord(draft, 9, Buffer.from([0xff, 0xff]), 0, rules).id).not.toBe(first!.id);
});
