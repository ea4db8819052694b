// A stored event as CloudEvents JSON: what is JSON stays JSON, and what has no value is left out.
import { expect, test } from 'vitest';
import { cloudEvent } from '../../src/queries/cloud-event.js';
import type { EventRow } from '../../src/store/reading/search-events.js';

const row = {
  id: 'a',
  source: 'acme/api',
  type: 'acme.note',
  time: null,
  subject: null,
  data: { text: 'hello' },
  priority: 2,
  contentHash: null,
  ingestedAt: '2026-11-26T05:00:00Z',
  epoch: 1,
  page: 2,
  ordinal: 3,
  flags: null,
  enrichment: { metadata: { host: 'here' } },
  entity: null,
  version: null,
} as unknown as EventRow;

test('data and enrichment are objects, not texts of them; attributes without a value are left out', () => {
  expect(cloudEvent(row)).toEqual({
    specversion: '1.0',
    id: 'a',
    source: 'acme/api',
    type: 'acme.note',
    datacontenttype: 'application/json',
    data: { text: 'hello' },
    priority: 2,
    ingestedat: '2026-11-26T05:00:00Z',
    epoch: 1,
    page: 2,
    ordinal: 3,
    enrichment: { metadata: { host: 'here' } },
  });
  expect(cloudEvent({ ...row, enrichment: null })).not.toHaveProperty('enrichment');
});
