// What Tributary itself knows of an event (requirement D3, A4.9).
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/event.js';
import { createEnrich } from '../../../src/stages/enrich.js';
import { metadata } from '../../../src/stages/processors/metadata.js';
import { aBatch, anEvent, aSource } from '../../support/builders.js';

async function metadataOf(data: JsonObject, time?: string): Promise<unknown> {
  const event = anEvent('built', 0, data, time === undefined ? {} : { time });
  const batch = await createEnrich([metadata]).run(aBatch([], { events: [event] }), {
    source: aSource(() => []),
    options: {},
    runId: 'run',
  });
  return (JSON.parse(batch.enrichment.get(0)!) as { metadata: unknown }).metadata;
}

test('the age is measured from the page, not from the clock', async () => {
  expect(await metadataOf({}, '2026-10-31T23:59:59.5Z')).toEqual({
    ageMs: 500,
    host: 'here',
    unixMs: Date.UTC(2026, 9, 31, 23, 59, 59, 500),
  });
  expect(await metadataOf({})).toEqual({ host: 'here' });
});

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test.each<[JsonObject, JsonObject]>([
  [{ traceparent }, { traceParent: traceparent }],
  [
    { parentid: 'p1', correlationid: 'c1' },
    { parentId: 'p1', correlationId: 'c1' },
  ],
  [
    { parentId: 7, correlation_id: 'c2' },
    { parentId: 7, correlationId: 'c2' },
  ],
  [{ parent_id: 'p3', parentid: 'first' }, { parentId: 'first' }],
])('ids that tie events together are taken over: %j', async (data, ids) => {
  expect(await metadataOf(data)).toEqual({ host: 'here', ...ids });
});

test.each<[string, JsonObject]>([
  ['of a part of the event', { cause: { parentid: 'p' } }],
  ['that are empty', { parentid: '', correlationid: null }],
  ['that are no ids', { parentid: { id: 1 }, correlationid: 'x'.repeat(201) }],
  ['that a text only speaks of', { text: '"parentid":"p"', parents: ['a'] }],
])('ids %s are not', async (_what, data) => {
  expect(await metadataOf(data)).toEqual({ host: 'here' });
});
