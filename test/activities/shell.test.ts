// The shell around activities: what work that was interrupted says is no failure of it.
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { shell } from '../../src/activities/shell.js';

const interrupted = shell(async (_: undefined, cancelled: AbortSignal) => {
  await new Promise((resolve) => cancelled.addEventListener('abort', resolve));
  throw new Error('the work was cut off');
});

test.each([
  ['cancelRequested', 'CANCELLED'],
  // Its workflow has ended meanwhile, as that of a follower does which is stopped.
  ['notFound', 'NOT_FOUND'],
] as const)('an activity that is told %s ends as cancelled, whatever its work threw', async (detail, reason) => {
  const environment = new MockActivityEnvironment();
  const ended = environment.run(interrupted, undefined);
  environment.cancel(reason, new ActivityCancellationDetails({ [detail]: true }));
  await expect(ended).rejects.toBeInstanceOf(CancelledFailure);
});
