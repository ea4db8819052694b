// How urgent an event is (requirement Q1): the rules of its source, then what its type says of itself, then what names
// tell. Pure, and the same for pages and for what is pushed. A mapper speaks only where the origin itself has priorities.
import { z } from 'zod';
import { priorities, type EventDraft, type Priority } from './event.js';
import { matchesGlob } from './glob.js';

/** Each is held against each event of a page of 20,000 until one matches. */
const rulesMax = 50;
const globCharsMax = 200;

const glob = (example: string) =>
  z
    .string({ error: `expected a pattern like ${example}` })
    .min(1, `is empty; expected a pattern like ${example}`)
    .max(globCharsMax, `is longer than ${globCharsMax} characters`);

export const priorityRules = z
  .array(
    z.strictObject(
      {
        /** Of the event's type. */
        type: glob('"ci.*"'),
        /** Of its subject as well; an event without one does not match. */
        subject: glob('"refs/heads/main"').optional(),
        priority: z.literal(Object.values(priorities), 'expected 4 (critical), 3 (high), 2 (normal) or 1 (low)'),
      },
      { error: 'expected an object like {"type":"ci.*","priority":4}' },
    ),
    { error: 'expected a list like [{"type":"ci.*","priority":4}]' },
  )
  .max(rulesMax, `has more than ${rulesMax} rules`);

export type PriorityRule = z.infer<typeof priorityRules>[number];

type Named = Pick<EventDraft, 'type' | 'subject' | 'priority'>;

/** The first rule that matches counts. `usual`: what the source's catalogue says of this type. */
export function priorityOf(draft: Named, rules: readonly PriorityRule[] = [], usual?: Priority): Priority {
  if (draft.priority !== undefined && known.includes(draft.priority)) return draft.priority;
  return rules.find((rule) => matches(rule, draft))?.priority ?? usual ?? byName(draft.type);
}

const known: readonly number[] = Object.values(priorities);

function matches(rule: PriorityRule, { type, subject }: Named): boolean {
  if (!matchesGlob(rule.type, type)) return false;
  return rule.subject === undefined || (subject !== undefined && matchesGlob(rule.subject, subject));
}

/** Whole words, since `login` is no log; but `error` also within one, as in `TypeError`. */
function byName(type: string): Priority {
  if (/error|failed/i.test(type)) return priorities.critical;
  if (/(?<![a-z0-9])(workflow_event|command)s?(?![a-z0-9])/i.test(type)) return priorities.high;
  if (/(?<![a-z0-9])(heartbeat|metric|log)s?(?![a-z0-9])/i.test(type)) return priorities.low;
  return priorities.normal;
}
