// The worker of the followers bench: the product's, with one source whose look at its origin costs nothing, so that what is
// measured is the engine. It notes how late each look was; SIGHUP makes it write that down and begin anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../src/config.js';
import { defineSource } from '../src/domain/source.js';
import { migrate } from '../src/store/migrate.js';
import { createPool } from '../src/store/pool.js';
import { startWorker } from '../src/workers/worker.js';

const config = loadConfig();
const pool = createPool(config.databaseUrl!, { name: 'worker' });
await migrate(pool);

const intervalMs = 1_000;
/** By source: when it was looked at last. */
const lookedAt = new Map<string, number>();
let lateMs: number[] = [];

function look(source: string): void {
  const [now, before] = [performance.now(), lookedAt.get(source)];
  if (before !== undefined) lateMs.push(now - before - intervalMs);
  lookedAt.set(source, now);
}

const cursor = z.strictObject({ v: z.literal(1) });
const quiet = defineSource<{ name: string }, z.infer<typeof cursor>>({
  type: 'quiet',
  summary: 'a source with nothing new, for the followers bench',
  options: z.strictObject({ name: z.string() }),
  origin: ({ name }) => name,
  defaultId: ({ name }) => name,
  cursor,
  initialCursor: { v: 1 },
  mapperVersion: 1,
  async prepare({ sourceId }, from) {
    look(sourceId);
    return { cursor: from, recordsExpected: 0 };
  },
  async hasNews({ sourceId }) {
    look(sourceId);
    return false;
  },
  async *read() {},
  toEvents: () => [],
});

const worker = await startWorker({
  pool,
  temporalAddress: config.temporalAddress!,
  namespace: 'default',
  taskQueue: config.taskQueue,
  home: config.home,
  recentHashesMax: config.recentHashesMax,
  sources: [quiet],
});

process.on('SIGHUP', () => {
  // A look that did not come is late, too.
  const overdue = [...lookedAt.values()].map((at) => performance.now() - at - intervalMs).filter((late) => late > 0);
  writeFileSync(
    join(config.home, 'looks.json'),
    JSON.stringify({
      sources: [...lookedAt.values()].filter((at) => performance.now() - at < 2 * intervalMs).length,
      looks: lateMs.length,
      lateMs: [...lateMs, ...overdue],
    }),
  );
  lateMs = [];
});
process.send?.({ type: 'ready' });
process.once('disconnect', () => worker.shutdown());
await worker.finished;
await pool.end();
if (process.connected) process.disconnect();
