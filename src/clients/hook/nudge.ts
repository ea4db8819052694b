// Process entry, started by the hook in the background: it sends one signal `poll` and writes one line of the log. Its output is
// that log.
import { setTimeout as sleep } from 'node:timers/promises';
import { keepLoopbackDirect, loadConfig, type Config } from '../../config.js';
import { externalTemporal } from '../../local/external-stack.js';
import { ensureStack, stackStatus, type Stack } from '../../local/stack.js';
import { limits } from '../../limits.js';
import { failureReport } from '../failure-report.js';

// Node takes back what the shell ignored: a terminal that closes must not end this where setsid is not at hand.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
// On a full disk a line of the log is lost, the signal is not.
process.stdout.on('error', () => undefined);

keepLoopbackDirect();
const [source = '', start] = process.argv.slice(2);
const timeMs = start === undefined ? limits.nudgeMs : limits.nudgeStartMs;
const late = sleep(timeMs).then(
  () => `not told: no answer within ${timeMs / 1_000} s; the next sync brings the commit`,
);
const said = await Promise.race([nudge(), late]).catch((error: unknown) => `not told: ${failureReport(error).line}`);
process.stdout.write(`${new Date().toISOString()} ${source}: ${said}\n`);
process.exit(0);

async function nudge(): Promise<string> {
  const config = loadConfig();
  const temporal = await findTemporal(config);
  if (temporal === null) return 'not told: the stack does not run; the next sync brings the commit';
  // 300 ms of loading, for nothing where no stack runs.
  const [{ connectTemporal }, { pollSync }] = await Promise.all([
    import('../stack/connect.js'),
    import('../sync/poll-sync.js'),
  ]);
  await pollSync(await connectTemporal(config, temporal), config.taskQueue, source);
  return 'told';
}

/** The database is the worker's to reach: a hook holds no password. */
async function findTemporal(config: Config): Promise<Pick<Stack, 'temporalAddress' | 'temporalNamespace'> | null> {
  if (config.temporalConfigured) return externalTemporal(config);
  return start === undefined ? (await stackStatus(config)).stack : ensureStack(config, { onProgress: () => undefined });
}
