// Enrichment through a real worker: results are stored by processor, a failing one loses no event, and what each stage and
// processor did can be asked for by run (requirements D2, D3, E5).
import { expect, test } from 'vitest';
import type { Processor } from '../../src/domain/processor.js';
import { testDatabase } from '../support/database.js';
import { testWorker, uniqueSource } from '../support/temporal.js';

const database = testDatabase();

const processors: Processor[] = [
  { name: 'after', dependencies: ['broken'], canProcess: () => true, enrich: () => ({ never: true }) },
  {
    name: 'broken',
    canProcess: ({ data }) => Number(data.index) < 60,
    enrich: ({ data }) => {
      if (Number(data.index) < 10) throw new Error('no such index');
      return { index: data.index! };
    },
  },
];

test('a processor that fails loses no event; its reason, and what was counted, are in the store', async () => {
  const worker = await testWorker(database, { processors, enrichOff: ['code'] });
  const source = uniqueSource('enriched');
  try {
    const input = {
      source: { type: 'synthetic', id: source, options: { events: 100, pageEvents: 50, duplicates: 0 } },
      batch: { events: 50 },
    };
    expect(await worker.sync(input)).toMatchObject({ outcome: 'done', inserted: 100, dead_letters: 0 });
    await worker.sync({
      ...input,
      source: { ...input.source, id: `${source}-bare` },
      stages: ['validate', 'hash', 'deduplicate', 'persist'],
    });
  } finally {
    await worker.stop();
  }
  const { rows } = await database.pool.query(
    `select enrichment -> 'broken' ->> 'error' as error, enrichment -> 'after' ->> 'skipped' as skipped, enrichment ? 'metadata' as told,
            count(*)::integer as events from events where source = $1 group by 1, 2, 3 order by events`,
    [source],
  );
  expect(rows).toEqual([
    { error: 'no such index', skipped: 'needs broken, which failed', told: true, events: 10 },
    { error: null, skipped: null, told: true, events: 90 },
  ]);
  const bare = await database.pool.query(
    'select count(*)::integer as events from events where source = $1 and enrichment is null',
    [`${source}-bare`],
  );
  expect(bare.rows).toEqual([{ events: 100 }]);

  const stages = await database.pool.query(
    'select stage, pages::integer, events_in::integer, events_out::integer, ms >= 0 as timed from run_stages where source = $1 order by stage',
    [source],
  );
  const measured = (stage: string) => ({ stage, pages: 2, events_in: 100, events_out: 100, timed: true });
  expect(stages.rows).toEqual(['deduplicate', 'enrich', 'hash', 'persist', 'validate'].map(measured));
  const counted = await database.pool.query(
    `select processor, processed::integer, skipped::integer, failed::integer, retried::integer from run_processors where source = $1 order by processor`,
    [source],
  );
  expect(counted.rows).toEqual([
    { processor: 'after', processed: 50, skipped: 50, failed: 0, retried: 0 },
    { processor: 'broken', processed: 50, skipped: 40, failed: 10, retried: 0 },
    { processor: 'metadata', processed: 100, skipped: 0, failed: 0, retried: 0 },
  ]);
});

test('event_metadata has with each event where it comes from', async () => {
  const worker = await testWorker(database);
  const source = uniqueSource('told');
  try {
    await worker.sync({ source: { type: 'synthetic', id: source, options: { events: 5 } } });
  } finally {
    await worker.stop();
  }
  const { rows } = await database.workerPool.query(
    `select source_type, type like 'synthetic.%' as typed, unix_ms = extract(epoch from time) * 1000 as same_time, age > interval '0' as aged,
            host is not null as placed, run_id is not null as ran, workflow_id, page, ordinal from event_metadata where source = $1 order by ordinal`,
    [source],
  );
  expect(rows).toHaveLength(5);
  expect(rows[3]).toEqual({
    source_type: 'synthetic',
    typed: true,
    same_time: true,
    aged: true,
    placed: true,
    ran: true,
    workflow_id: `sync/${source}`,
    page: 1,
    ordinal: 3,
  });
});
