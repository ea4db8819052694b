// Process entry: supervises the stack of one home until it is told to stop. Its order comes over the IPC channel, because a
// database URL must not stand on a command line.
import { keepLoopbackDirect } from '../config.js';
import { prepareHome } from './home.js';
import { lockHome } from './home-lock.js';
import { supervision } from './supervision.js';
import type { StackOrder, Supervision } from './supervision.js';

/** A deleted home is noticed within this; until then its processes write to files nobody can reach. */
const HOME_LOOK_MS = 2_000;

// A full disk takes no log; what is supervised goes on without.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
const log = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

// Everything the stack writes is private; PostgreSQL's account gets in by explicit modes.
process.umask(0o077);
keepLoopbackDirect();
process.once('message', (order: StackOrder) => {
  // Not at once: Node 20 fails when the channel closes while it hands over a message that came before its listener.
  setImmediate(() => process.disconnect());
  void main(order);
});

async function main(order: StackOrder): Promise<void> {
  prepareHome(order.config.home);
  const lock = await lockHome(order.config.home);
  if (lock === null) {
    log('another supervisor has this home: nothing to do');
    return process.exit(0);
  }
  const stack = supervision(order, log);
  const end = ending(stack);
  process.on('SIGTERM', () => end(null)).on('SIGINT', () => end(null));
  process.on('uncaughtException', (error) => end(error)).on('unhandledRejection', (error) => end(error));
  await stack.start().catch((error: unknown) => end(error));
  setInterval(() => stack.ownsHome() || end(null), HOME_LOOK_MS);
}

/** Ends once, whatever asks for it and how often. The lock goes with the process. */
function ending(stack: Supervision): (error: unknown) => void {
  let ended = false;
  return (error) => {
    if (ended) return;
    ended = true;
    const stopped = error === null ? stack.stop() : stack.fail(error);
    void stopped
      .catch((problem: unknown) => log(`not stopped cleanly: ${String(problem)}`))
      .finally(() => {
        log('stopped');
        endGroup();
        process.exit(error === null ? 0 : 1);
      });
  };
}

/** A download, a compiler or initdb that was under way. We lead our process group, and ignore the signal by now. */
function endGroup(): void {
  try {
    process.kill(-process.pid, 'SIGTERM');
  } catch {
    // Not a leader: started by hand, and then the terminal ends the group.
  }
}
