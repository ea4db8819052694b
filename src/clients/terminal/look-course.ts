// How far a look at an origin is: before anything is read a clone may take minutes, and its source tells step by step.
import type { Course } from '../../domain/course.js';
import type { Part } from './fitted-line.js';
import { shareParts } from './progress-parts.js';
import { printable, type Terminal } from './terminal.js';

export interface LookCourse {
  at(course: Course | null): void;
  parts(style: Terminal['style']): Part[];
}

export function lookCourse(): LookCourse {
  let now: Course | null = null;
  let began = { what: '', done: 0, atMs: 0 };
  return {
    at(course) {
      now = course;
      // Speed and time left are those of the step it is at.
      if (course !== null && (course.what !== began.what || (course.done ?? 0) < began.done))
        began = { what: course.what, done: course.done ?? 0, atMs: Date.now() };
    },
    parts: (style) =>
      now === null ? [{ text: 'asking the origin what there is', rank: 1, least: 12 }] : stepParts(now, began, style),
  };
}

function stepParts(
  { what, done, total }: Course,
  began: { done: number; atMs: number },
  style: Terminal['style'],
): Part[] {
  const step = { text: printable(what), rank: 2, least: 12 };
  if (done === null) return [step];
  const [ms, since] = [Date.now() - began.atMs, done - began.done];
  const perSecond = since > 0 && ms > 0 ? (since * 1_000) / ms : null;
  const leftMs = perSecond === null || total === null ? null : ((total - done) * 1_000) / perSecond;
  // `receiving objects` is of objects.
  const unit = what.replace(/^.* /, '').replace(/s$/, '');
  return [step, ...shareParts({ done, total, unit, perSecond, leftMs }, style)];
}
