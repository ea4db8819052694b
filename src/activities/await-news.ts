// awaitNews: a followed source that was read to its end is looked at, again and again, until there is something to read. One
// long activity, so that a look with nothing new costs neither Temporal nor Postgres anything (docs/decisions/0009-news.md).
import { Context } from '@temporalio/activity';
import { isWait } from '../domain/errors.js';
import { findCursor } from '../store/cursors.js';
import type { Pool } from '../store/pool.js';
import { noteWait } from './keep-wait.js';
import type { NewsWatch } from './news-watch.js';
import type { RunContext, RunKey } from './run-context.js';
import type { CreateSourceContext } from './source-context.js';

export interface AwaitNewsRequest extends RunKey {
  /** Between the end of one look and the next. */
  readonly intervalMs: number;
  /** Event stages of the run: what they deferred comes back when it is due. */
  readonly stages: readonly string[];
}

/** What the Temporal UI shows of it, in the heartbeat's details while it waits. */
export interface News {
  readonly looks: number;
  /** RFC 3339; null before the first. */
  readonly lookedAt: string | null;
}

export interface AwaitNewsParts {
  readonly pool: Pool;
  readonly watch: NewsWatch;
}

export async function awaitNews(
  { pool, watch }: AwaitNewsParts,
  { source: id, intervalMs, stages }: AwaitNewsRequest,
  { source, options }: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
  tell: (news: News) => void,
): Promise<News> {
  let news = toldBefore();
  tell(news);
  // Nobody moves the position while the run waits.
  const committed = source.cursor.parse((await findCursor(pool, id))?.cursor ?? source.initialCursor);
  const look = async (signal: AbortSignal): Promise<boolean> => {
    try {
      return await source.hasNews!(sourceContext(id, options, signal), committed);
    } catch (error) {
      // Without the row prepare would ask at once, although the origin said to come back later.
      if (isWait(error)) await noteWait(pool, id, error);
      // Whatever the error is, prepare meets it, too, tries again with its own patience, and tells it.
      return true;
    } finally {
      news = { looks: news.looks + 1, lookedAt: new Date().toISOString() };
      tell(news);
    }
  };
  const firstMs = news.lookedAt === null ? intervalMs : Date.parse(news.lookedAt) + intervalMs - Date.now();
  await watch.until({ source: id, stages, look, firstMs, intervalMs }, cancelled);
  return news;
}

/** What the attempt before this one told, on a worker that is gone. */
function toldBefore(): News {
  const { heartbeatDetails } = Context.current().info;
  return (heartbeatDetails as News | undefined) ?? { looks: 0, lookedAt: null };
}
