// A run under any id but the source's own (a Schedule's timestamped run, a start without an id) is a thin parent: the
// source's own id is the mutex, and at most one run of it can be.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { OpenedRun } from '../activities/open-run.js';
import { noCounts } from '../domain/page.js';
import { syncResult, type SyncResult } from '../domain/sync-result.js';
import type { syncSource } from './sync-source.js';

export async function delegate({ workflowId, source, input }: Extract<OpenedRun, { kind: 'delegate' }>): Promise<SyncResult> {
  try {
    const child = await startChild<typeof syncSource>('syncSource', {
      workflowId,
      args: [input],
      // The sync goes on when the parent is terminated: a person ends it by its own id.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: source,
    });
    return await child.result();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const reason = `${workflowId} is already running; this start was skipped`;
    return syncResult('already_running', source, workflowInfo().runId, noCounts, 0, reason);
  }
}
