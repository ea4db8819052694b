// A worker process that kills itself, as kill -9 does, at the point it is told. Plain JavaScript on the build: Node 20
// runs no TypeScript, and a process of its own is what is to be killed.
import { createPool } from '../../dist/src/store/pool.js';
import { workerRole } from '../../dist/src/store/worker-role.js';
import { startWorker } from '../../dist/src/workers/worker.js';

const { databaseUrl, temporalAddress, taskQueue, home, point, times } = JSON.parse(process.argv[2]);
let passed = 0;

function pass(at) {
  if (at === point && ++passed === times) process.kill(process.pid, 'SIGKILL');
}

const wrapped = (name, real) => async (input) => {
  pass(`${name}.before`);
  const result = await real(input);
  pass(`${name}.after`);
  return result;
};

const worker = await startWorker({
  pool: createPool(databaseUrl, { name: 'crashing worker', ...(await workerRole(databaseUrl)) }),
  temporalAddress,
  namespace: 'default',
  taskQueue,
  home,
  recentHashesMax: 5_000,
  activities: (real) => Object.fromEntries(Object.entries(real).map(([name, activity]) => [name, wrapped(name, activity)])),
  atPersist: async (at) => pass(`persist.${at}`),
});
await worker.finished;
