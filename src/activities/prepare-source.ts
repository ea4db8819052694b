// prepareSource: the source checks its origin, clones or fetches, and freezes what this run will read. Where reading
// starts is recorded before the activity completes, so that every later attempt reads the same.
import { mkdir } from 'node:fs/promises';
import type { Course } from '../domain/course.js';
import type { Problem, ToldProblem } from '../domain/source.js';
import { paceOf, type Pace } from '../domain/source-settings.js';
import { findCursor } from '../store/cursors.js';
import { isWait } from '../domain/errors.js';
import type { Wait } from '../domain/wait.js';
import type { Pool } from '../store/pool.js';
import { listIncompleteProblems } from '../store/incomplete.js';
import { findPrepared, latestProblems, recordPrepared } from '../store/runs.js';
import { findSource } from '../store/sources.js';
import { deleteWait, findWait } from '../store/waits.js';
import { noteWait } from './keep-wait.js';
import type { RunContext, RunKey } from './run-context.js';
import type { CreateSourceContext } from './source-context.js';

export interface PrepareRequest extends RunKey {
  /** A followed source is prepared again for each round. */
  readonly round: number;
  /** A person said now: a wait that is not over holds nobody back. */
  readonly askNow?: boolean;
  readonly acceptDeletions?: boolean;
}

export interface PreparedSource {
  readonly recordsExpected: number | null;
  /** True: the round is over. */
  readonly nothingNew?: true;
  /** Of a round that is over: something waits in `deferred` and is due. */
  readonly due?: boolean;
  /** Nothing is prepared: the origin is asked again then. */
  readonly wait?: Wait;
  /** At most `problemsTold` of them: this goes into a history. */
  readonly problems?: readonly ToldProblem[];
  /** As it is set now: a follower takes it up with this look. Undefined in histories of before settings. */
  readonly pace?: Pace;
}

const problemsTold = 20;

/** Details of a heartbeat are kept by the server, so what a source says of its course is held to these. */
const courseCharsMax = 100;

/** `tell` takes what the source says of its course: it goes out with the next heartbeat, once a second. */
export async function prepareSource(
  pool: Pool,
  request: PrepareRequest,
  context: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
  tell: (course: Course) => void = () => undefined,
): Promise<PreparedSource> {
  const told = ({ what, done, total }: Course): void => tell({ what: what.slice(0, courseCharsMax), done, total });
  const prepared = await prepare(pool, request, context, sourceContext, cancelled, told);
  const row = await findSource(pool, request.source);
  return row === undefined ? prepared : { ...prepared, pace: paceOf(row.settings) };
}

async function prepare(
  pool: Pool,
  request: PrepareRequest,
  { source, options }: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
  tell: (course: Course) => void,
): Promise<PreparedSource> {
  const prepared = await findPrepared(pool, request);
  if (prepared?.round === request.round) return answerOf(prepared);
  const before =
    request.askNow === true ? await deleteWait(pool, request.source) : await findWait(pool, request.source);
  if (before?.state === 'rate_limited') return { recordsExpected: null, wait: before };
  const context = sourceContext(request.source, options, cancelled, {
    askNow: request.askNow,
    tell,
    acceptDeletions: request.acceptDeletions,
  });
  await mkdir(context.directory, { recursive: true, mode: 0o700 });
  const position = await findCursor(pool, request.source);
  const committed = source.cursor.parse(position?.cursor ?? source.initialCursor);
  try {
    const {
      cursor,
      recordsExpected = null,
      problems = [],
      nothingNew = false,
    } = await source.prepare(context, committed);
    const found = sinceWhen(problems, await latestProblems(pool, request.source));
    const told = [...found, ...(await listIncompleteProblems(pool, request.source))];
    await recordPrepared(pool, request, { round: request.round, cursor, recordsExpected, problems: told });
    const answer = answerOf({ recordsExpected, problems: told });
    return nothingNew ? { ...answer, nothingNew } : answer;
  } catch (error) {
    if (!isWait(error)) throw error;
    return { recordsExpected: null, wait: await noteWait(pool, request.source, error) };
  }
}

function answerOf({
  recordsExpected,
  problems,
}: Required<Pick<PreparedSource, 'recordsExpected' | 'problems'>>): PreparedSource {
  return { recordsExpected, ...(problems.length === 0 ? {} : { problems: problems.slice(0, problemsTold) }) };
}

function sinceWhen(problems: readonly Problem[], before: readonly ToldProblem[]): ToldProblem[] {
  const now = new Date().toISOString();
  const known = new Map(before.map(({ name, code, since }) => [`${code} ${name}`, since]));
  return problems.map((problem) => ({ ...problem, since: known.get(`${problem.code} ${problem.name}`) ?? now }));
}
