// The first pass of a look over a tree that is known: what is gone, what new entries might be gone ones under another name,
// and whether there is anything to tell at all. Nothing is read and nothing is changed by it.
import type { Problem, SourceContext } from '../../domain/source.js';
import type { Cursor } from './cursor.js';
import { proveGone } from './gone.js';
import { treeLimits } from './limits.js';
import { kind, merged, type Pair, type Row } from './manifest.js';
import type { TreeOptions } from './options.js';
import { bodyOf, factsOf } from './print.js';
import { walkRequest, type Root } from './root.js';
import type { Tree } from './tree.js';

type Context = SourceContext<TreeOptions>;

export interface Findings {
  readonly news: boolean;
  /** No longer there, by key; a second pass takes out what it finds again, or under another name. */
  readonly gone: Map<string, Row>;
  /** There, and left out by options or .gitignore now. */
  readonly out: Map<string, Row>;
  /** Bodies of new entries: what is gone and one of them is not paired by contents. */
  readonly claimed: ReadonlySet<string>;
  /** Folders on which a file system was mounted that is not there now; what lay in it is kept. */
  readonly unmounted: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

export const nothingKnown = (): Findings => ({
  news: true,
  gone: new Map(),
  out: new Map(),
  claimed: new Set(),
  unmounted: new Set(),
  problems: [],
});

/** Unix seconds: contents that were read before are read again. */
export function rereadBefore({ rehashHours }: TreeOptions, nowMs = Date.now()): number {
  return rehashHours === undefined ? -Infinity : nowMs / 1_000 - rehashHours * 3_600;
}

/** Nobody touched it, and what is known of it is all there is to know. */
export function isSettled(print: string, row: Row, before: number): boolean {
  return (
    row.print === print &&
    row.racy === undefined &&
    row.unreadable === undefined &&
    row.out === undefined &&
    (row.read === undefined || row.read > before)
  );
}

/** Throws NeedsAttention when so much is gone that the look is not to be believed. */
export async function findingsOf(context: Context, tree: Tree, root: Root, committed: Cursor): Promise<Findings> {
  const pass = new Pass(rereadBefore(context.options));
  for await (const pairs of merged(tree.walk(walkRequest(root, context.options)), context.state)) {
    context.signal.throwIfAborted();
    for (const pair of pairs) pass.see(pair);
  }
  const out = await leftOut(tree, root, pass.gone);
  const problems = [...pass.problems(), ...(await pass.admitUnmounted(context, out))];
  await admit(context, tree, root, committed, pass);
  const news = pass.news || pass.gone.size > 0 || out.size > 0;
  return { news, gone: pass.gone, out, claimed: pass.claimed, unmounted: pass.unmounted, problems };
}

class Pass {
  news = false;
  /** Rows, and entries. */
  known = 0;
  seen = 0;
  readonly gone = new Map<string, Row>();
  readonly claimed = new Set<string>();
  readonly unmounted = new Set<string>();
  readonly #unreadable: Problem[] = [];
  readonly #before: number;

  constructor(before: number) {
    this.#before = before;
  }

  see({ key, print, row }: Pair): void {
    if (row !== undefined && row.out === undefined) this.known += 1;
    if (print !== undefined) this.seen += 1;
    if (row === undefined) {
      this.news = true;
      if (this.claimed.size < treeLimits.pairedMax) this.claimed.add(bodyOf(factsOf(print!)));
    } else if (print === undefined) {
      if (row.out === undefined) this.gone.set(key, row);
    } else if (!isSettled(print, row, this.#before)) this.#differs(key, print, row);
  }

  #differs(key: string, print: string, row: Row): void {
    if (isUnmounted(print, row)) this.unmounted.add(key);
    if (row.unreadable !== undefined && this.#unreadable.length < treeLimits.problemsTold)
      this.#unreadable.push(unreadableProblem(key, row.unreadable));
    this.news = true;
  }

  problems(): readonly Problem[] {
    return this.#unreadable;
  }

  /** What lay in a file system that is not mounted is kept, unless a person says that it is gone. */
  async admitUnmounted({ admitDeletions }: Context, out: ReadonlyMap<string, Row>): Promise<Problem[]> {
    const problems: Problem[] = [];
    for (const key of this.unmounted) {
      const below = [...this.gone.keys()].filter((one) => one.startsWith(`${key}/`) && !out.has(one));
      try {
        if (below.length > 0)
          await admitDeletions({ what: `entries below the mount point ${key}`, known: below.length, gone: below });
        this.unmounted.delete(key);
      } catch (error) {
        for (const one of below) this.gone.delete(one);
        problems.push({ name: key, code: 'unmounted', message: (error as Error).message });
      }
    }
    return problems;
  }
}

/** A file system was mounted there, and another one is now, or none. */
function isUnmounted(print: string, row: Row): boolean {
  return row.print.startsWith('D') && factsOf(print).body !== factsOf(row.print).body;
}

export function unreadableProblem(key: string, code: string): Problem {
  return {
    name: key,
    code: 'unreadable',
    message: `${key} cannot be read: ${code}; its event has no hash. Let the worker's account read it`,
  };
}

/** Takes what is still there out of `gone`: it is passed over by options or a .gitignore, not deleted. */
async function leftOut(tree: Tree, root: Root, gone: Map<string, Row>): Promise<Map<string, Row>> {
  const out = new Map<string, Row>();
  const keys = [...gone.keys()];
  for (let at = 0; at < keys.length; at += treeLimits.walkBatch) {
    const some = keys.slice(at, at + treeLimits.walkBatch);
    const prints = await tree.prints(root.path, some);
    for (const [place, key] of some.entries()) {
      if (prints[place] === null) continue;
      out.set(key, gone.get(key)!);
      gone.delete(key);
    }
  }
  return out;
}

async function admit(context: Context, tree: Tree, root: Root, { root: before }: Cursor, pass: Pass): Promise<void> {
  const gone = [...pass.gone].filter(([, row]) => !pass.claimed.has(bodyOf(factsOf(row.print)))).map(([key]) => key);
  if (gone.length === 0) return;
  const lookAgain = async () => {
    if (pass.seen === 0) return { unproven: `the folder ${context.options.root} is empty` };
    if (before?.body !== root.body)
      return { unproven: `the folder ${context.options.root} is not the one that was read before` };
    return proveGone(tree, root, gone, async (key) => (await context.state.get(kind, key)) as unknown as Row | undefined); // prettier-ignore
  };
  await context.admitDeletions({ what: 'files and folders', known: pass.known, gone, lookAgain });
}
