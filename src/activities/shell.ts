// The shell around every activity: it beats, so that a killed worker is noticed within the heartbeat timeout, and it
// turns errors into Temporal's.
import { Context } from '@temporalio/activity';
import { toFailure } from './failures.js';

export function shell<Input, Output>(
  work: (input: Input, cancelled: AbortSignal, tell: (details: unknown) => void) => Promise<Output>,
  beatEveryMs = 1_000,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    let details: unknown;
    const beat = setInterval(() => context.heartbeat(details), beatEveryMs);
    try {
      return await work(input, context.cancellationSignal, (told) => (details = told));
    } catch (error) {
      // Whatever the work said when it was interrupted; any other failure of a cancelled activity would be one to retry.
      // `notFound`: its run has ended meanwhile, and nobody hears its answer; as a failure it would only be a warning in the log.
      const { cancelRequested = false, notFound = false } = context.cancellationDetails ?? {};
      if (cancelRequested || notFound) await context.cancelled;
      throw toFailure(error);
    } finally {
      clearInterval(beat);
    }
  };
}
