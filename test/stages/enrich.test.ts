import { expect, test } from 'vitest';
import { enrich } from '../../src/stages/enrich.js';
import { aBatch, anEvent, aSource } from '../support/builders.js';

const context = { source: aSource(() => []), options: {}, runId: 'run' };

test('metadata is measured from the page, not from the clock: repeating it gives the same', async () => {
  const events = [anEvent('built', 0, {}, { time: '2026-10-31T23:59:59.5Z' }), anEvent('built', 1)];
  const [first, again] = [await enrich.run(aBatch([], { events }), context), await enrich.run(aBatch([], { events }), context)];
  expect(first.enrichment).toEqual(again.enrichment);
  expect(JSON.parse(first.enrichment.get(0)!)).toEqual({ metadata: { ageMs: 500, host: 'here', unixMs: Date.UTC(2026, 9, 31, 23, 59, 59, 500) } });
  expect(JSON.parse(first.enrichment.get(1)!)).toEqual({ metadata: { host: 'here' } });
});
