// Stages at work in another process. When it ends or stands still, the events it was asked about are shown again one at a
// time, so that the one that did it is known: it alone is deferred.
import { putOff, type Ask, type Question } from '../../stages/own/ask-stage.js';
import type { StageOutput } from '../../store/stage-outputs.js';
import { HostGone, type HostProcess } from './host-process.js';
import type { Work } from './messages.js';
import type { Pair } from './pair.js';

/** Events of one page that end the process of a stage, or block it: after that the rest of the page is deferred unasked. */
const stageFaultsMax = 10;

export function asking(pair: Pair, stage: string): Ask {
  let faults = 0;
  return async (question, cancelled) => {
    const work: Work = { kind: 'ask', stage, question };
    const tooMany = (): StageOutput | undefined =>
      faults < stageFaultsMax
        ? undefined
        : putOff(question, `not asked: ${stage} ended or blocked its process ${stageFaultsMax} times on this page`);
    try {
      return tooMany() ?? revived(await pair.first.ask(work, cancelled));
    } catch (error) {
      if (!(error instanceof HostGone)) throw error;
    }
    return pair.alone(async (second) => tooMany() ?? askAlone(second, work, question, cancelled, () => (faults += 1)));
  };
}

async function askAlone(
  second: HostProcess,
  work: Extract<Work, { kind: 'ask' }>,
  question: Question,
  cancelled: AbortSignal,
  onFault: () => void,
): Promise<StageOutput> {
  try {
    return revived(await second.ask(work, cancelled));
  } catch (error) {
    if (!(error instanceof HostGone)) throw error;
    onFault();
    return putOff(question, `stage ${work.stage} ${error.message} when it was asked about this event`);
  }
}

function revived(result: unknown): StageOutput {
  const output = result as Omit<StageOutput, 'nextAt'> & { nextAt: string | null };
  return { ...output, nextAt: output.nextAt === null ? null : new Date(output.nextAt) };
}
