// Keeps one process running: started again for ever when it ends, with growing pauses, until stop is called.
import { endProcess, identify } from './process-identity.js';
import type { EndStep, ProcessIdentity } from './process-identity.js';
import { until } from './until.js';

const PAUSE_FIRST_MS = 100;
const PAUSE_MS_MAX = 5_000;
/** One that ran this long starts again at the first pause. */
const SETTLED_MS = 10_000;

export interface Running {
  readonly exited: Promise<string>;
}

export interface Supervision {
  readonly name: string;
  readonly endSteps: readonly EndStep[];
  /** Resolves when the process serves; calls back with its pid as soon as it exists. */
  readonly start: (onSpawn: (pid: number) => void) => Promise<Running>;
  readonly log: (line: string) => void;
  readonly onSpawn: (identity: ProcessIdentity) => void;
  /** Why it could not be started again, until it was: null then. */
  readonly onTrouble: (error: Error | null) => void;
  /** It ended without being told to; `how` as `ServerProcess.exited` says it. */
  readonly onEnd: (how: string) => void;
}

export interface Supervised {
  /** Settles with the first start; rejects if that failed, and then nothing is started again. */
  readonly started: Promise<void>;
  stop(): Promise<void>;
}

export function supervise(supervision: Supervision): Supervised {
  const watch: Watch = { stopping: false, process: null };
  const first = startOnce(supervision, watch);
  const started = first.then((running) => {
    void keepRunning(supervision, watch, running);
  });
  return {
    started,
    stop: async () => {
      watch.stopping = true;
      if (watch.process !== null) await endProcess(watch.process, supervision.endSteps);
    },
  };
}

interface Watch {
  stopping: boolean;
  process: ProcessIdentity | null;
}

function startOnce(supervision: Supervision, watch: Watch): Promise<Running> {
  return supervision.start((pid) => {
    watch.process = identify(pid);
    // A start that was under way when we were told to stop.
    if (watch.stopping) process.kill(pid, 'SIGKILL');
    else if (watch.process !== null) supervision.onSpawn(watch.process);
  });
}

async function keepRunning(supervision: Supervision, watch: Watch, first: Running): Promise<void> {
  let running: Running | null = first;
  for (let pause = PAUSE_FIRST_MS; !watch.stopping; pause = Math.min(pause * 2, PAUSE_MS_MAX)) {
    const since = performance.now();
    if (running !== null) tellEnd(supervision, watch, await running.exited);
    if (performance.now() - since > SETTLED_MS) pause = PAUSE_FIRST_MS;
    await until(() => watch.stopping, pause);
    running = watch.stopping ? null : await restart(supervision, watch);
  }
}

function tellEnd(supervision: Supervision, { stopping }: Watch, how: string): void {
  supervision.log(`${supervision.name} ended: ${how}`);
  if (!stopping) supervision.onEnd(how);
}

async function restart(supervision: Supervision, watch: Watch): Promise<Running | null> {
  try {
    const running = await startOnce(supervision, watch);
    supervision.log(`${supervision.name} runs again`);
    supervision.onTrouble(null);
    return running;
  } catch (error) {
    supervision.log(`${supervision.name} did not start again: ${(error as Error).message}`);
    supervision.onTrouble(error as Error);
    return null;
  }
}
