// A program that records events and kills itself, as kill -9 does, at the point it is told. Plain JavaScript on the build: a
// process of its own is what is to be killed. What it was answered it prints before it goes on.
import { openDoor } from '../../dist/src/door/door.js';
import { openSource } from '../../dist/src/door/open-source.js';
import { createRegistry } from '../../dist/src/sources/index.js';
import { createPool } from '../../dist/src/store/pool.js';
import { workerRole } from '../../dist/src/store/worker-role.js';

const { databaseUrl, source: id, point, events, calls } = JSON.parse(process.argv[2]);
const pool = createPool(databaseUrl, { name: 'program', ...(await workerRole(databaseUrl)) });
const registry = createRegistry();
let call = 0;
const die = async (at) => {
  if (call === calls && at === point) process.kill(process.pid, 'SIGKILL');
};
const door = openDoor({ pool, registry, enrichOff: [], at: die });
const named = { source: registry.get('program'), id };
const none = async () => ({ stages: [], processors: [] });
for (call = 1; call <= calls; call++) {
  const from = (call - 1) * events;
  const records = Array.from({ length: events }, (_, at) =>
    Buffer.from(JSON.stringify({ type: 'told', id: `${from + at}` })),
  );
  const { verdicts } = await door.take(await openSource(pool, named, none), records);
  await die('committed');
  const accepted = verdicts.filter(({ outcome }) => outcome === 'accepted').map(({ id: event }) => event);
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(accepted)}\n`, resolve));
}
await pool.end();
