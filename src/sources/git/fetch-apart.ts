// A fetch that fails for one ref fails for all. So they are fetched in halves, and those that failed in halves
// again, until what is left are the refs that cannot be read: which, git's words do not always tell.
import { GitFailure } from './git-failure.js';

/** Failed ones. More than this find 20 broken refs among 100,000; an origin with more has another problem. */
const failuresMax = 400;

export interface Unread<Item> {
  readonly item: Item;
  readonly failure: GitFailure;
}

export interface FetchedApart<Item> {
  /** Items that could not be fetched, each with what git said of it alone. */
  readonly unread: readonly Unread<Item>[];
  readonly fetched: number;
}

export interface ApartHow<Item> {
  readonly bring: (items: readonly Item[]) => Promise<void>;
  /** Whether one of the items may be why; any other failure is thrown. */
  readonly isTheirs: (failure: GitFailure) => boolean;
  /** Failed fetches after which it is given up. */
  readonly failuresMax?: number;
}

/** Also throws when there are too many to be found. */
export async function fetchApart<Item>(items: readonly Item[], how: ApartHow<Item>): Promise<FetchedApart<Item>> {
  const { bring, isTheirs, failuresMax: most = failuresMax } = how;
  const unread: Unread<Item>[] = [];
  let [failures, fetched] = [0, 0];
  const waiting = halves(items);
  for (let some = waiting.pop(); some !== undefined; some = waiting.pop()) {
    const failure = await failureOf(() => bring(some!));
    if (failure === undefined) fetched += some.length;
    else if (!(failure instanceof GitFailure) || !isTheirs(failure) || ++failures > most) throw failure;
    else if (some.length === 1) unread.push({ item: some[0]!, failure });
    else waiting.push(...halves(some));
  }
  return { unread, fetched };
}

function halves<Item>(items: readonly Item[]): (readonly Item[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(middle), items.slice(0, middle)].filter((half) => half.length > 0);
}

async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}
