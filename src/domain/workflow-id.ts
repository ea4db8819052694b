// The id of a source's workflow, `sync/<source id>`. Pure: workflows import it, and not source-id.ts, which brings zod.

export const workflowIdPrefix = 'sync/';

/** The source a workflow id stands for; undefined for any other id. */
export function sourceOfWorkflow(workflowId: string): string | undefined {
  return workflowId.startsWith(workflowIdPrefix) ? workflowId.slice(workflowIdPrefix.length) : undefined;
}
