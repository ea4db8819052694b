// Stands in for the worker: says that it is ready and ends when it should. What it gets is written to $TRIBUTARY_HOME/worker.json.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TRIBUTARY_HOME } = process.env;
writeFileSync(
  join(TRIBUTARY_HOME, 'worker.json'),
  JSON.stringify({ DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE }),
);
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 60_000);
process.send({ type: 'ready' });
