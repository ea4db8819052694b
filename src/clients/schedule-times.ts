// The times of a schedule, as people write them.
import { InvalidInput } from '../domain/errors.js';
import { limits } from '../limits.js';
import { interval } from '../queries/option-values.js';
import type { ScheduleTimes } from './schedules.js';

export const eitherTimeText = 'expected either --every 5m or --cron "0 * * * *"';

export interface TimesWords {
  readonly every?: string | undefined;
  readonly cron?: string | undefined;
  readonly timezone?: string | undefined;
  readonly jitter?: string | undefined;
}

/** Throws InvalidInput that names the option. */
export function timesOf({ every, cron, timezone, jitter }: TimesWords): ScheduleTimes {
  if (every !== undefined && cron !== undefined) throw new InvalidInput('every', `${eitherTimeText}, not both`);
  const everyMs = interval('every', every);
  if (everyMs !== undefined && everyMs < limits.scheduleEveryMsMin)
    throw new InvalidInput(
      'every',
      `expected at least ${limits.scheduleEveryMsMin / 1_000}s; more often is \`tributary follow\``,
    );
  const jitterMs = interval('jitter', jitter);
  for (const [field, ms] of Object.entries({ every: everyMs, jitter: jitterMs }))
    if (ms !== undefined && ms > limits.scheduleEveryMsMax)
      throw new InvalidInput(field, `expected at most ${limits.scheduleEveryMsMax / 86_400_000}d`);
  if (timezone !== undefined && cron === undefined)
    throw new InvalidInput('timezone', 'says something only about --cron');
  return { everyMs, cron, timezone, jitterMs };
}
