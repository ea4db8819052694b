// synthetic: a seeded stream of events for benches, tests and first tries. Event n is a function of (seed, n), so any
// reader anywhere gives the same records, and a ledger of what must be stored can be computed without reading.
import { z } from 'zod';
import type { EventType } from '../domain/catalogue.js';
import type { EventDraft, JsonObject } from '../domain/event.js';
import { defineSource, RecordRejected, type Chunk, type SourceContext } from '../domain/source.js';
import { limits } from '../limits.js';

const options = z.strictObject({
  events: z.int().min(0).max(1_000_000_000).default(1_000).describe('how many'),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(1)
    .describe('what the events follow from: the same seed, the same events'),
  duplicates: z.number().min(0).max(0.95).default(0).describe('share of events that repeat an earlier one'),
  bytes: z.int().min(0).max(1_000_000).default(128).describe('size of the payload text in each event'),
  hostile: z
    .boolean()
    .default(false)
    .describe('every seventh record is one that some part of the path must not choke on'),
  pageEvents: z.int().min(1).max(20_000).default(1_000).describe('records per chunk; a page is made of whole chunks'),
});
type Options = z.infer<typeof options>;

const cursor = z.strictObject({ v: z.literal(1), next: z.int().min(0) });
type Cursor = z.infer<typeof cursor>;

const kinds = ['order.created', 'order.paid', 'order.shipped', 'user.signed_in', 'user.signed_out'];

export const synthetic = defineSource<Options, Cursor>({
  type: 'synthetic',
  summary: 'a seeded stream of made-up events, for benches and tests',
  events: kinds.map((kind): EventType => ({
    type: `synthetic.${kind}`,
    summary: `a made-up ${kind.replace('.', ' ')}`,
    stability: 'stable',
  })),
  options,
  origin: ({ seed }) => `seed ${seed}`,
  defaultId: ({ seed }) => `synthetic/${seed}`,
  cursor,
  initialCursor: { v: 1, next: 0 },
  mapperVersion: 1,
  prepare: async ({ options: { events } }, { next }) => ({
    cursor: { v: 1, next },
    recordsExpected: Math.max(0, events - next),
    nothingNew: next >= events,
  }),
  read,
  toEvents,
});

async function* read(
  { options: given, signal }: Pick<SourceContext<Options>, 'options' | 'signal'>,
  from: Cursor,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  for (let next = from.next; next < given.events;) {
    signal.throwIfAborted();
    const records: Buffer[] = [];
    for (
      let bytes = 0;
      next < given.events && records.length < given.pageEvents && bytes < limits.chunkBytesMax;
      next++
    ) {
      const record = syntheticRecord(given, next);
      bytes += record.byteLength;
      records.push(record);
    }
    yield { records, cursor: { v: 1, next } };
  }
}

/** The record at a place of the stream, as any reader gives it. */
export function syntheticRecord(given: Options, at: number): Buffer {
  const index = given.duplicates > 0 ? originalOf(given, at) : at;
  if (given.hostile && index % 7 === 3) return hostileRecord(given, index);
  return Buffer.from(recordText(given, index, ''));
}

/** The first place at which the event at this place stands: itself, unless it is a repeat. */
export function originalOf({ seed, duplicates }: Pick<Options, 'seed' | 'duplicates'>, at: number): number {
  let index = at;
  while (index > 0 && random(seed, index) < duplicates) index = Math.floor(random(seed ^ 0x5bd1e995, index) * index);
  return index;
}

export function syntheticId({ seed }: Pick<Options, 'seed'>, index: number): string {
  return `${seed}-${index}`;
}

const epochMs = Date.UTC(2026, 0, 1);

/** `extra` goes into the data, `outside` beside it; both begin with a comma or are empty. */
function recordText(given: Options, index: number, extra: string, outside = ''): string {
  const spin = Math.floor(random(given.seed, index) * 1_000_000);
  const time = new Date(epochMs + index * 1_000).toISOString();
  return (
    `{"id":"${syntheticId(given, index)}","kind":"${kinds[spin % kinds.length]}","time":"${time}",` +
    `"data":{"actor":"user-${spin % 997}","amount":${spin / 100},"index":${index},"ok":${spin % 10 !== 0},` +
    `"payload":"${payload(spin, given.bytes)}"${extra}}${outside}}`
  );
}

const hex = Array.from({ length: 4_096 }, (_, at) =>
  Math.floor(random(7, at) * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0'),
).join('');

function payload(spin: number, bytes: number): string {
  const start = spin % (hex.length - 1);
  return bytes <= hex.length - start
    ? hex.slice(start, start + bytes)
    : hex.repeat(Math.ceil(bytes / hex.length) + 1).slice(start, start + bytes);
}

/** splitmix32 of seed and index, as a number in [0, 1). */
function random(seed: number, index: number): number {
  let z = (Math.imul(index + 1, 0x9e3779b9) + Math.imul(seed + 1, 0x85ebca6b)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 0x1_0000_0000;
}

/** Kinds of trouble, each with its number; 5 and 6 are no events and become dead letters. */
export const hostileKinds = [
  'nul',
  'lone surrogate',
  'prototype',
  'no time',
  'markup',
  'not JSON',
  'too deep',
] as const;

export function hostileKind(index: number): (typeof hostileKinds)[number] {
  return hostileKinds[Math.floor(index / 7) % hostileKinds.length]!;
}

function hostileRecord(given: Options, index: number): Buffer {
  switch (hostileKind(index)) {
    case 'nul':
      return Buffer.from(recordText(given, index, ',"text":"a\\u0000b","k\\u0000":1'));
    case 'lone surrogate':
      return Buffer.from(recordText(given, index, ',"text":"\\ud800 and \\\\ud800"'));
    case 'prototype':
      return Buffer.from(recordText(given, index, ',"__proto__":{"admin":true},"constructor":{"prototype":1}'));
    case 'no time':
      return Buffer.from(recordText(given, index, '', ',"time":"0000-02-30T99:00:00Z"'));
    case 'markup':
      return Buffer.from(recordText(given, index, `,"text":"<script>alert(1)</script>\\t\\n'; drop table events; --"`));
    case 'not JSON':
      return Buffer.concat([Buffer.from(`not json ${index} `), Buffer.from([0xff, 0x00, 0xfe])]);
    case 'too deep':
      return Buffer.from(recordText(given, index, `,"deep":${'['.repeat(200)}${']'.repeat(200)}`));
  }
}

function toEvents(record: Uint8Array): readonly EventDraft[] {
  const { id, kind, time, data } = parsed(record) as {
    id: string;
    kind: string;
    time: string;
    data: JsonObject & { actor: string };
  };
  return [{ type: `synthetic.${kind}`, identity: { kind: 'immutable', key: id }, time, subject: data.actor, data }];
}

function parsed(record: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString());
  } catch (error) {
    throw new RecordRejected('not_json', `the record is not JSON: ${(error as Error).message.slice(0, 80)}`);
  }
}
