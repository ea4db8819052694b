// A run under any id but the source's own (a Schedule's timestamped run, a start without an id) is a thin parent: the
// source's own id is the mutex, and at most one run of it can be.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { OpenedRun } from '../activities/open-run.js';
import { noCounts } from '../domain/page.js';
import { pauseText } from '../domain/pause.js';
import { syncResult, type SyncOutcome, type SyncResult } from '../domain/sync-result.js';
import type { Controls } from './controls.js';
import { pauseSignal, pollSignal, stopSignal } from './messages.js';
import type { syncSource } from './sync-source.js';

type Delegated = Extract<OpenedRun, { kind: 'delegate' }>;

export async function delegate(opened: Delegated, controls: Controls): Promise<SyncResult> {
  const { workflowId, source, pause } = opened;
  // A run of the source's own id would wait for the end of the pause, and so would we: ticks of a Schedule would pile up.
  if (pause !== null && pause !== undefined) return skipped('paused', source, pauseText(pause));
  try {
    const child = await start(opened);
    passOn(controls, (name, input) => void child.signal(name, input).catch(() => undefined));
    return await child.result();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return skipped('already_running', source, `${workflowId} is already running; this start was skipped`);
  }
}

function start({ workflowId, source, input }: Delegated) {
  return startChild<typeof syncSource>('syncSource', {
    workflowId,
    args: [input],
    // The sync goes on when the parent is terminated: a person ends it by its own id.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: source,
  });
}

/** What is said to the parent is meant for the sync. A cancel is not passed on: it ends the waiting. */
function passOn(controls: Controls, relay: (name: string, input?: unknown) => void): void {
  if (controls.pause !== null) relay(pauseSignal.name, controls.pause);
  if (controls.stopAsked && !controls.cancelled) relay(stopSignal.name);
  if (controls.pollAsked) relay(pollSignal.name);
  controls.relay = relay;
}

function skipped(outcome: SyncOutcome, source: string, reason: string): SyncResult {
  return syncResult(outcome, source, workflowInfo().runId, noCounts, 0, reason);
}
