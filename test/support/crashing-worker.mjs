// A worker process that kills itself, as kill -9 does (or halts, by SIGSTOP), at the point it is told. Plain JavaScript on the build: Node 20
// runs no TypeScript, and a process of its own is what is to be killed.
import { setTimeout } from 'node:timers/promises';
import { createRoom } from '../../dist/src/activities/room.js';
import { createPool } from '../../dist/src/store/pool.js';
import { workerRole } from '../../dist/src/store/worker-role.js';
import { startWorker } from '../../dist/src/workers/worker.js';
import { forgiving } from './forgiving-source.mjs';
import { pushedQueue } from './pushed-queue.mjs';

const {
  databaseUrl,
  temporalAddress,
  taskQueue,
  home,
  point,
  times,
  signal = 'SIGKILL',
  roomBytes,
  stages = [],
  mended = false,
  pushed = false,
} = JSON.parse(process.argv[2]);
const shown = createPool(databaseUrl, { name: 'shown' });
let passed = 0;

function pass(at) {
  if (at === point && ++passed === times) process.kill(process.pid, signal);
}

const wrapped = (name, real) => async (input) => {
  pass(`${name}.before`);
  const result = await real(input);
  pass(`${name}.after`);
  return result;
};

/** Notes in the test's table what it is shown, takes `ms` to answer, and puts events off until their attempt `lets` through. */
const stageOf = ({ name, lets = 1, ms = 0, concurrency = 4 }) => ({
  name,
  concurrency,
  async process({ id, source, attempt }, _context, signal) {
    await shown.query('insert into shown (source, stage, id) values ($1, $2, $3)', [source, name, id]);
    if (ms > 0) await setTimeout(ms, undefined, { signal });
    pass(`${name}.shown`);
    return attempt < lets ? { kind: 'defer', afterMs: 0 } : { kind: 'advance', context: { [name]: attempt } };
  },
});

const worker = await startWorker({
  pool: createPool(databaseUrl, { name: 'crashing worker', ...(await workerRole(databaseUrl)) }),
  temporalAddress,
  namespace: 'default',
  taskQueue,
  home,
  recentHashesMax: 5_000,
  ...(roomBytes === undefined ? {} : { room: createRoom(roomBytes) }),
  stages: stages.map(stageOf),
  ...(pushed ? { queues: [pushedQueue] } : {}),
  ...(mended ? { sources: [forgiving] } : {}),
  activities: (real) =>
    Object.fromEntries(Object.entries(real).map(([name, activity]) => [name, wrapped(name, activity)])),
  atPersist: async (at) => pass(`persist.${at}`),
});
await worker.finished;
