// A change in words, and as JSON.
import { pauseText } from '../../domain/pause.js';
import { spanText, textOfTimes } from '../schedules.js';
import { changedText } from '../sources/changed-text.js';
import { amount } from '../terminal/figures.js';
import { shellWord } from '../terminal/own-command.js';
import type { Column } from '../terminal/table.js';
import { idLeast } from '../terminal/short-forms.js';
import type { Change } from './plan.js';

export const changeColumns: readonly Column[] = [
  { name: 'change', rank: 1 },
  { name: 'source', rank: 2, least: idLeast },
  { name: 'what', rank: 3, least: 12, wrap: true },
];

export function changeRow(one: Change): string[] {
  return [one.change, one.source, whatText(one)];
}

function whatText(one: Change): string {
  switch (one.change) {
    case 'create':
      return `${one.wanted.type} ${one.wanted.origin}${one.wanted.settings.mode === 'follow' ? `, followed ${everyText(one.wanted.settings.pollIntervalMs ?? null)}` : ', read once'}`;
    case 'set':
      return changedText(one.changed);
    case 'follow':
      return one.restart ? 'ended and followed again, so that all of it holds' : everyText(one.everyMs);
    case 'end follow':
      return 'after the pages in flight; what is stored stays';
    case 'schedule':
      return `${one.before === null ? '' : `${one.before} → `}${textOfTimes(one.times)}`;
    case 'pause schedule':
      return 'starts nothing; a running sync goes on';
    case 'resume schedule':
      return 'starts again at its times';
    case 'end schedule':
      return `${one.before}; what is stored stays`;
    case 'pause':
      return pauseText(one.pause);
    case 'resume':
      return 'goes on';
    case 'remove':
      return `with its ${amount(one.events, 'event')}, for ever`;
  }
}

function everyText(everyMs: number | null): string {
  return everyMs === null ? 'at the usual interval' : `every ${spanText(everyMs)}`;
}

/** References to secrets are names; no option holds a secret. */
export function changeItem(one: Change): Record<string, unknown> {
  const { change, source } = one;
  switch (one.change) {
    case 'create': {
      const { type, origin, given, settings } = one.wanted;
      return { change, source, type, origin, options: given, settings };
    }
    case 'set':
      return { change, source, changed: one.changed };
    case 'schedule': {
      const { before, times } = one;
      return { change, source, ...times, text: textOfTimes(times), before };
    }
    default:
      return { ...one };
  }
}

export interface PlanWords {
  readonly prune?: true;
  readonly file?: string;
  readonly profile?: string;
}

/** The words that this plan was made with: `apply` without them would do something else. */
export function applyWords({ prune, file, profile }: PlanWords): string {
  const words = [
    ...(file === undefined ? [] : ['--file', file]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ];
  return [...words.map(shellWord), ...(prune === true ? ['--prune'] : [])].map((word) => ` ${word}`).join('');
}
