// Builds the official CLI from its Go module, where the download is out of reach but Go and its module proxy are not.
import { join } from 'node:path';
import { makeDirectory } from './directory.js';
import { runCommand } from './command.js';
import { childEnvironment } from './environment.js';

/** The last version that `go install` can build: 1.6 and later replace a module by a local directory. */
const MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
/** About 5 minutes on 2 cores with nothing cached. */
const BUILD_MS_MAX = 20 * 60_000;
const REPORT_EVERY_MS = 15_000;

/** Builds into `directory` and returns the program's path. `go` is the program that builds. */
export async function buildTemporalCli(
  directory: string,
  onProgress: (line: string) => void,
  go = 'go',
): Promise<string> {
  makeDirectory(directory, 0o700);
  onProgress('Temporal CLI: building it with go install, once; this takes about 5 minutes');
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 1_000);
  const report = setInterval(() => onProgress(`Temporal CLI: still building (${seconds()} s)`), REPORT_EVERY_MS);
  try {
    const environment = childEnvironment({ GOBIN: directory });
    const built = await runCommand(go, ['install', MODULE], { environment, timeoutMs: BUILD_MS_MAX });
    if (!built.ok) throw new Error(built.failure);
    onProgress(`Temporal CLI: built in ${seconds()} s`);
    return join(directory, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
  } finally {
    clearInterval(report);
  }
}
