// A run under any id but the source's own (a Schedule's timestamped run, a start without an id) is a thin parent: the
// source's own id is the mutex, and at most one run of it can be.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  isCancellation,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { OpenedRun } from '../activities/open-run.js';
import { amount } from '../domain/figures.js';
import { noCounts } from '../domain/page.js';
import { pauseText } from '../domain/pause.js';
import { syncResult, type SyncOutcome, type SyncResult } from '../domain/sync-result.js';
import type { SyncState } from '../domain/sync-state.js';
import { bounded } from './activity-proxies.js';
import type { Controls } from './controls.js';
import { failureKind, failureOf } from './failure-kind.js';
import { pauseSignal, pollSignal, stopSignal } from './messages.js';
import { list } from './search-attributes.js';
import { bullets, inMarkdown } from './sync-details.js';
import type { syncSource } from './sync-source.js';

type Delegated = Extract<OpenedRun, { kind: 'delegate' }>;

export async function delegate(opened: Delegated, controls: Controls): Promise<SyncResult> {
  const { workflowId, pause } = opened;
  // A run of the source's own id would wait for the end of the pause, and so would we: ticks of a Schedule would pile up.
  if (pause !== null && pause !== undefined) return skipped(opened, 'paused', pauseText(pause));
  try {
    const child = await start(opened);
    passOn(controls, (name, input) => void child.signal(name, input).catch(() => undefined));
    shows(opened, 'running', `this start waits for \`${workflowId}\`, which shows how far it is`);
    const result = await child.result();
    shows(
      opened,
      'done',
      `\`${workflowId}\` ended: ${result.outcome.replaceAll('_', ' ')}, ${amount(result.inserted, 'event')} inserted`,
    );
    return result;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError)
      return skipped(opened, 'already_running', `${workflowId} is already running; this start was skipped`);
    throw isCancellation(error) ? error : failed(opened, error);
  }
}

function start({ workflowId, type, origin, input }: Delegated) {
  return startChild<typeof syncSource>('syncSource', {
    workflowId,
    args: [input],
    // The sync goes on when the parent is terminated or cancelled: a person ends it by its own id.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    staticSummary: bounded(`${type} ${origin}`),
  });
}

/** What is said to the parent is meant for the sync. A cancel is not passed on: it ends the waiting. */
function passOn(controls: Controls, relay: (name: string, input?: unknown) => void): void {
  if (controls.pause !== null) relay(pauseSignal.name, controls.pause);
  if (controls.stopAsked && !controls.cancelled) relay(stopSignal.name);
  if (controls.pollAsked) relay(pollSignal.name);
  controls.relay = relay;
}

function skipped(opened: Delegated, outcome: SyncOutcome, reason: string): SyncResult {
  shows(opened, outcome === 'paused' ? 'paused' : 'done', `skipped: ${inMarkdown(reason)}`);
  return syncResult(outcome, opened.source, workflowInfo().runId, noCounts, 0, reason);
}

function failed(opened: Delegated, error: unknown): Error {
  const failure = failureOf(error);
  shows(
    opened,
    failureKind(error) === 'invalid' ? 'failed' : 'needs_attention',
    `\`${opened.workflowId}\` failed: ${inMarkdown(failure.message)}`,
  );
  return failure;
}

/** Without a number of events: they are the sync's, and would be counted twice. */
function shows({ source, type, searchAttributes }: Delegated, state: SyncState, why: string): void {
  setCurrentDetails(bullets([`**${source}** is synced by a workflow of its own`, why]));
  if (searchAttributes) list({ source, type, state });
}
