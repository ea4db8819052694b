// The process of the front door in the embedded stack: listens until it is told to stop. The worker beside it makes the tables.
import { failureReport, isExpected } from '../clients/failure-report.js';
import { keepLoopbackDirect, loadConfig } from '../config.js';
import { InvalidInput } from '../domain/errors.js';
import { thrownText } from '../domain/thrown.js';
import { serve } from './serve.js';

keepLoopbackDirect();

const log = (line: string): void => void process.stderr.write(`${new Date().toISOString()} ${line}\n`);

// One that nobody waits for is a mistake of ours, and no reason to leave everybody's requests unanswered.
process.on('unhandledRejection', (error) =>
  log(`error: a rejection nobody waited for: ${error instanceof Error ? error.stack : thrownText(error)}`),
);

try {
  await main();
} catch (error) {
  const { line, exitCode } = failureReport(error);
  process.stderr.write(`${isExpected(error) || !(error instanceof Error) ? line : (error.stack ?? line)}\n`);
  process.exit(exitCode);
}

async function main(): Promise<void> {
  const config = loadConfig();
  if (config.databaseUrl === undefined)
    throw new InvalidInput('DATABASE_URL', 'is not set; the front door needs a database');
  const door = await serve(config, config.databaseUrl, config.listen, false, log);
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    // Whoever started us is gone: two doors of one stack would fight over a port.
    process.once('disconnect', () => resolve());
  });
  process.send?.({ type: 'ready', url: door.url });
  log(`listens at ${door.url}`);
  await told;
  await door.close();
  if (process.connected) process.disconnect();
}
