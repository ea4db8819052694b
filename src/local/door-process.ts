// The front door as a child process.
import type { EndStep } from './process-identity.js';
import { startReadyProcess } from './ready-process.js';
import type { ServerProcess } from './server-process.js';

/** Requests at work end first, for up to 20 s. */
export const doorEndSteps: readonly EndStep[] = [
  ['SIGTERM', 25_000],
  ['SIGKILL', 5_000],
];

export interface DoorOptions {
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly onSpawn: (pid: number) => void;
}

/** Resolves when it takes events. It must end when its channel closes. */
export async function startDoorProcess(options: DoorOptions): Promise<ServerProcess & { readonly url: string }> {
  const { process: door, ready } = await startReadyProcess({
    ...options,
    name: 'front door',
    arguments: ['--enable-source-maps', options.entry],
    endSteps: doorEndSteps,
  });
  return { ...door, url: ready.url ?? '' };
}
