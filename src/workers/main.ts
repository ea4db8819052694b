// The worker process: migrate, then work until told to stop. Started by the embedded stack, or by hand with
// DATABASE_URL and TEMPORAL_ADDRESS set.
import { keepLoopbackDirect, loadConfig } from '../config.js';
import { failureReport, isExpected } from '../clients/failure-report.js';
import { pasteable } from '../clients/terminal/own-command.js';
import { thrownText } from '../domain/thrown.js';
import { startConfiguredWorker } from './configured-worker.js';

keepLoopbackDirect();

// A promise that nobody waits for is a mistake of ours, and no reason to end the work of every source: pages are whole or not there.
process.on(
  'unhandledRejection',
  (error) =>
    void process.stderr.write(
      `error: a rejection nobody waited for: ${error instanceof Error ? error.stack : thrownText(error)}\n`,
    ),
);

try {
  await main();
} catch (error) {
  const { line, exitCode } = failureReport(error);
  // A trace says nothing about a wrong setting or a server that is away. Of a fault of ours it is all there is.
  process.stderr.write(`${isExpected(error) || !(error instanceof Error) ? pasteable(line) : (error.stack ?? line)}\n`);
  process.exit(exitCode);
}

async function main(): Promise<void> {
  const worker = await startConfiguredWorker(loadConfig(), {}, (line) => void process.stderr.write(`${line}\n`));
  // Whoever started us is told once we poll; when it dies, so do we: two workers of one stack would fight over files.
  process.send?.({ type: 'ready' });
  process.once('disconnect', () => worker.shutdown());
  await worker.finished;
  process.removeAllListeners('disconnect');
  // The open channel would keep the process alive for ever.
  if (process.connected) process.disconnect();
}
