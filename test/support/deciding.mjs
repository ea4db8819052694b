// A process that decides about dead letters and kills itself, as kill -9 does, at the point it is told. Plain JavaScript on
// the build: Node 20 runs no TypeScript.
import { decideLetters } from '../../dist/src/store/decide-letters.js';
import { createPool } from '../../dist/src/store/pool.js';

const { databaseUrl, order, point, times } = JSON.parse(process.argv[2]);
let passed = 0;
await decideLetters(createPool(databaseUrl, { name: 'deciding' }), order, async (at) => {
  if (at === point && ++passed === times) process.kill(process.pid, 'SIGKILL');
});
