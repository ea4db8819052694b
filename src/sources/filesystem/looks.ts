// The three looks at a tree: is there news, what is there to tell, and telling it.
import type { Chunk, Prepared, Problem, SourceContext } from '../../domain/source.js';
import type { Cursor } from './cursor.js';
import { findingsOf, nothingKnown, type Findings } from './findings.js';
import { treeLimits } from './limits.js';
import { kind } from './manifest.js';
import type { TreeOptions } from './options.js';
import { encodeRecord, type RootChange } from './record.js';
import { findRoot, refuseUnknown, walkRequest, type Root } from './root.js';
import { Telling } from './telling.js';
import { Tree } from './tree.js';
import type { Sealed } from './tree-thread.js';
import type { Unread } from './walk.js';

type Context = SourceContext<TreeOptions>;

/** One walk, and no row is read: 100,000 entries take 0.8 s of a thread. */
export async function hasNews(context: Context, committed: Cursor): Promise<boolean> {
  const root = await findRoot(context.options);
  if (root === undefined) return committed.root?.gone !== true;
  if (committed.seal === null || isDue(committed)) return true;
  return !isSealed(await sealOf(context, root), root, committed);
}

export async function prepare(context: Context, committed: Cursor): Promise<Prepared<Cursor>> {
  const cursor = { ...committed, look: committed.open ? committed.look : committed.look + 1, open: true };
  const root = await findRoot(context.options);
  if (root === undefined) {
    refuseUnknown(context, committed);
    return { cursor, nothingNew: committed.root?.gone === true, problems: [vanishedProblem(context.options)] };
  }
  const sealed = await sealOf(context, root);
  const problems = sealed.unread.map(problemOf);
  if (isSealed(sealed, root, committed) && !isDue(committed)) return { cursor, nothingNew: true, problems };
  const isNew = (await context.state.count(kind)) === 0;
  if (isNew) return { cursor, recordsExpected: sealed.entries, problems };
  const findings = await Tree.use(context.signal, (tree) => findingsOf(context, tree, root, committed));
  handOver(context, cursor, root, findings);
  const isQuiet = !findings.news && committed.seal !== null && committed.since === null;
  return { cursor, nothingNew: isQuiet, problems: [...problems, ...findings.problems] };
}

export async function* read(context: Context, from: Cursor): AsyncGenerator<Chunk<Cursor>, void, void> {
  const root = await findRoot(context.options);
  if (root === undefined) return yield* vanished(from);
  let cursor = from;
  for (const chunk of cameBack(from, root)) {
    yield chunk;
    cursor = chunk.cursor;
  }
  const tree = new Tree(context.signal);
  try {
    const findings = handedOver(context, from, root) ?? (await look(context, tree, root, from));
    yield* new Telling(context, tree, root, findings, cursor).chunks();
  } finally {
    tree.release();
  }
}

async function look(context: Context, tree: Tree, root: Root, from: Cursor): Promise<Findings> {
  return (await context.state.count(kind)) === 0 ? nothingKnown() : findingsOf(context, tree, root, from);
}

function sealOf(context: Context, root: Root): Promise<Sealed> {
  return Tree.use(context.signal, (tree) => tree.seal(walkRequest(root, context.options)));
}

function isSealed({ seal }: Sealed, root: Root, committed: Cursor): boolean {
  return seal !== null && seal === committed.seal && committed.root?.body === root.body && !committed.root.gone;
}

function isDue({ due }: Cursor): boolean {
  return due !== null && Date.now() >= due;
}

function* vanished(from: Cursor): Generator<Chunk<Cursor>, void, void> {
  if (from.root === null || from.root.gone) return;
  const record: RootChange = { v: 1, event: 'root_vanished', look: from.look, seen: Date.now() };
  const cursor = {
    ...from,
    told: from.told + 1,
    open: false,
    seal: null,
    since: null,
    root: { ...from.root, gone: true },
  };
  yield { records: [encodeRecord(record)], cursor };
}

function* cameBack(from: Cursor, root: Root): Generator<Chunk<Cursor>, void, void> {
  if (from.root?.gone !== true) return;
  const same = from.root.body === root.body;
  const record: RootChange = { v: 1, event: 'root_back', look: from.look, seen: Date.now(), same };
  yield { records: [encodeRecord(record)], cursor: { ...from, told: from.told + 1, open: true, root: { ...from.root, gone: false } } }; // prettier-ignore
}

function vanishedProblem({ root }: TreeOptions): Problem {
  return {
    name: root,
    code: 'root_vanished',
    message: `${root} is not there; nothing is told deleted. Put it back (a disk that is not mounted?), or remove the source`,
  };
}

const advice: Readonly<Record<string, string>> = {
  folder_unreadable: 'what is below it is left as it was known; let the worker’s account read it',
  path_too_long: 'it is left out; shorten it',
  ignore_pattern: 'this line matches nothing; mend it',
};

function problemOf({ key, code, detail }: Unread): Problem {
  const name = key === '' ? '.' : key;
  return { name, code, message: `${name}: ${detail}; ${advice[code] ?? 'it is left out'}` };
}

/** What prepare found is used by the read that follows it at once: one walk less. Whatever it says is looked at again. */
interface Handed {
  readonly look: number;
  readonly told: number;
  readonly root: Root;
  readonly findings: Findings;
  readonly until: number;
}

const handed = new Map<string, Handed>();

function handOver({ directory }: Context, { look: at, told }: Cursor, root: Root, findings: Findings): void {
  handed.delete(directory);
  handed.set(directory, { look: at, told, root, findings, until: Date.now() + treeLimits.findingsAgeMs });
  for (const first of handed.keys()) if (handed.size > treeLimits.findingsKept) handed.delete(first);
}

function handedOver({ directory }: Context, { look: at, told }: Cursor, root: Root): Findings | undefined {
  const found = handed.get(directory);
  handed.delete(directory);
  const fits = found?.look === at && found.told === told && found.root.path === root.path;
  return fits && Date.now() <= found.until ? found.findings : undefined;
}
