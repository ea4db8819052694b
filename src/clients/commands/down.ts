// tributary down: stops the stack of this home. What is stored stays, and a running sync goes on at the next start.
import type { Config } from '../../config.js';
import { stackStatus, stopStack, type PartStatus } from '../../local/stack.js';
import { exitCodes } from '../failure-report.js';
import type { Command } from '../stack/stack-access.js';
import { duration } from '../terminal/figures.js';
import { fittedLine } from '../terminal/fitted-line.js';
import { screenOf } from '../terminal/screen.js';
import type { Terminal } from '../terminal/terminal.js';

const lookEveryMs = 250;
/** Each is stopped when the one before has ended. */
const stopOrder = ['door', 'worker', 'temporal', 'postgres'] as const;

const stopText: Readonly<Partial<Record<(typeof stopOrder)[number], string>>> = {
  door: 'the front door, which answers what was asked',
  worker: 'the worker, which commits what is in flight',
};

export async function downCommand({ config, terminal }: Command): Promise<number> {
  const endLine = stopLine(config, terminal);
  const stopped = await stopStack(config).finally(endLine);
  terminal.item({ stack: 'stopped', stopped });
  terminal.say(
    stopped ? `stopped; everything stored is kept in ${config.home}` : `nothing of ${config.home} was running`,
  );
  return exitCodes.fine;
}

/** What is still running, and for how long it was waited: a worker has 40 s to commit its pages. Returns what ends it. */
function stopLine(config: Config, terminal: Terminal): () => void {
  const screen = screenOf(terminal);
  const startedAtMs = Date.now();
  const look = async (): Promise<void> => {
    const { processes } = await stackStatus(config).catch(() => ({ processes: [] as PartStatus[] }));
    const running = stopOrder.filter((part) => processes.some(({ name, running: runs }) => name === part && runs));
    if (running.length === 0 || ended) return;
    const what = `stopping ${stopText[running[0]!] ?? running[0]!}`;
    screen.show((cells) =>
      fittedLine(
        [
          { text: what, rank: 1, least: 16 },
          { text: running.length === 1 ? 'the last one' : `then ${running.slice(1).join(' and ')}`, rank: 3 },
          { text: duration(Date.now() - startedAtMs), rank: 2 },
        ],
        cells,
      ),
    );
  };
  let ended = false;
  const timer = setInterval(() => void look(), lookEveryMs);
  return () => {
    ended = true;
    clearInterval(timer);
    screen.end();
  };
}
