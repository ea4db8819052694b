// tributary worker: the worker as a process of one's own, where Temporal and Postgres are not the embedded ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { InvalidInput } from '../../domain/errors.js';
import { builtFile } from '../../local/built.js';
import { usesOwnServers } from '../../local/external-stack.js';
import { workerArguments, workerEndSteps } from '../../local/worker-process.js';
import { guardChild } from '../../process-guard.js';
import { exitCodes } from '../failure-report.js';
import { warnOfUnknown } from '../stack/unknown-settings.js';
import type { Command } from '../stack/stack-access.js';

export async function workerCommand({ config, terminal }: Command): Promise<number> {
  warnOfUnknown(terminal);
  if (!usesOwnServers(config, null)) {
    throw new InvalidInput(
      'environment',
      'DATABASE_URL and TEMPORAL_ADDRESS are not both set; without them `tributary up` starts a worker with everything else',
    );
  }
  // It ends when the channel closes, that is when we are gone.
  const worker = spawn(process.execPath, workerArguments(builtFile('workers/main.js'), config.memoryBytes), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  guardChild(worker, { steps: workerEndSteps });
  // Ctrl-C reaches the whole foreground group; a signal to us alone is passed on. Either way the worker drains first, and then
  // it has done what it was told: its exit code is 0.
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => worker.kill('SIGTERM'));
  const [code] = (await once(worker, 'exit')) as [number | null];
  return code ?? exitCodes.failed;
}
