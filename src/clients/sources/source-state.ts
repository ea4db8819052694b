// What a source is doing, in a word: by its rows, and by Temporal where a run ended without telling Postgres.
import type { SourceStatus } from '../../store/reading/source-status.js';
import type { TemporalView } from '../sync/temporal-view.js';

/** Null: Temporal was not asked or did not answer, so that rows alone tell what was known last. */
export type View = Pick<TemporalView, 'ends'> | null;

/** Whether the source's last run goes on, or another goes on for it, as far as rows tell. */
export function isOpen({ lastRun }: SourceStatus): boolean {
  return lastRun !== null && (lastRun.closedAt === null || lastRun.outcome === 'continued');
}

export function stateOf(source: SourceStatus, view: View): string {
  const { lastRun, pause, wait, removal, removedAt } = source;
  if (removal !== null) return removedAt === null ? 'being removed' : 'removed';
  if (pause !== null) return 'paused';
  // A program gives events without any run.
  if (lastRun === null) return source.pages === 0 ? 'new' : 'idle';
  const end = isOpen(source) ? (view?.ends.get(source.id) ?? null) : lastRun.outcome;
  if (end === 'terminated' || end === 'abandoned') return end;
  if (wait !== null) return wait.state.replace('_', ' ');
  // Nothing runs, and nothing will until a person has looked: that is told where only the state has room.
  if (end === 'needs_attention' || end === 'failed') return end.replace('_', ' ');
  return isOpen(source) ? 'running' : 'idle';
}

/** Nobody but Temporal can say whether it runs still. */
export function isLastKnown(source: SourceStatus, view: View): boolean {
  return view === null && stateOf(source, view) === 'running';
}

export function stateText(source: SourceStatus, view: View): string {
  return `${stateOf(source, view)}${isLastKnown(source, view) ? ' (last known)' : ''}`;
}
