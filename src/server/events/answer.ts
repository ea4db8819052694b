// What is answered to events that were given: the figures of the call and a verdict for each event, in order.
import { recordedFigures } from '../../clients/record/recorded-figures.js';
import type { Answer } from '../../door/door.js';
import { fieldOf } from '../../sources/program/index.js';
import { Problem } from '../problem.js';
import type { Given, Refused } from './content-modes.js';

export type EventVerdict =
  | { readonly index: number; readonly outcome: 'accepted' | 'known' | 'suppressed'; readonly id: string }
  | (Refused & { readonly index: number; readonly outcome: 'refused' });

export interface EventsAnswer extends ReturnType<typeof recordedFigures> {
  readonly source: string;
  readonly processing_time_ms: number;
  readonly verdicts: EventVerdict[];
}

export function answerOf(given: readonly (Given | Refused)[], answer: Answer, ms: number): EventsAnswer {
  const verdicts = inOrder(given, answer);
  const refused = verdicts.filter(({ outcome }) => outcome === 'refused').length;
  return {
    source: answer.source,
    ...recordedFigures(answer.counts, refused),
    processing_time_ms: Math.round(ms),
    verdicts,
  };
}

function inOrder(given: readonly (Given | Refused)[], { verdicts }: Answer): EventVerdict[] {
  let next = 0;
  return given.map((one, index): EventVerdict => {
    if (!('record' in one)) return { index, outcome: 'refused', ...one };
    const verdict = verdicts[next++]!;
    if (verdict.outcome !== 'refused') return { index, outcome: verdict.outcome, id: verdict.id };
    const { code, reason } = verdict;
    return { index, outcome: 'refused', code, field: fieldOf(one.record, code), reason };
  });
}

/**
 * 200: all are taken. 207: some are, and stored; others are refused, and sending them again is no use. Throws Problem 422 where
 * every event is refused: nothing is stored then.
 */
export function statusOf(answer: EventsAnswer): 200 | 207 {
  if (answer.refused === 0) return 200;
  if (answer.refused < answer.total) return 207;
  const [first] = answer.verdicts.filter((verdict) => verdict.outcome === 'refused');
  const alone = answer.total === 1;
  throw new Problem({
    status: 422,
    code: alone ? first!.code : 'all_refused',
    field: alone ? first!.field || undefined : undefined,
    detail: alone ? first!.reason : `all ${answer.total} events are refused, the first one because: ${first!.reason}`,
    more: { ...answer },
  });
}
