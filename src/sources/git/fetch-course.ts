// What `git fetch --progress` says of itself: how far each of its steps is, and a line for each ref.
import type { Course } from '../../domain/course.js';
import type { SourceContext } from '../../domain/source.js';

/** `remote: Counting objects:  43% (12/28)`, `Receiving objects:  43% (123/286), 1.20 MiB | 1.10 MiB/s`. */
const step = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +\d+% \((\d+)\/(\d+)\)/;
/** `remote: Enumerating objects: 12, done.` */
const count = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +(\d+)(?:, done\.)?$/;
/** A ref that was brought, removed or left as it is, and what was sent in all; a ref that was refused (`!`) is no talk. */
const ref = /^(?:From | [ *+t=-] |remote: Total )/;

/** True for a line that says nothing about a failure. A course it tells is passed on. */
export function isFetchTalk(line: string, tell: SourceContext<unknown>['tell']): boolean {
  const course = courseOf(line);
  if (course !== null) tell?.(course);
  return course !== null || ref.test(line);
}

export function courseOf(line: string): Course | null {
  const [, what, done, total] = step.exec(line) ?? [];
  if (what !== undefined) return { what: what.toLowerCase(), done: Number(done), total: Number(total) };
  const [, counting, counted] = count.exec(line) ?? [];
  return counting === undefined ? null : { what: counting.toLowerCase(), done: Number(counted), total: null };
}
