// The tree as it is beside what is known of it. A look trusts times; here the contents of every file are read again.
import type { Audited } from '../../domain/audit.js';
import type { SourceContext } from '../../domain/source.js';
import type { Cursor } from './cursor.js';
import { kind, merged, type Pair, type Row } from './manifest.js';
import type { TreeOptions } from './options.js';
import { findRoot, walkRequest, type Root } from './root.js';
import { Tree } from './tree.js';

type Context = SourceContext<TreeOptions>;

export async function* audit(context: Context, committed: Cursor): AsyncGenerator<Audited, void, void> {
  const part = context.options.root;
  const root = await findRoot(context.options);
  if (root === undefined || committed.root === null) {
    const read = await context.state.count(kind);
    yield { part, covered: { unit: 'entry', there: null, read } };
    return;
  }
  const tree = new Tree(context.signal);
  try {
    yield* compared(context, tree, root);
  } finally {
    tree.release();
  }
}

async function* compared(context: Context, tree: Tree, root: Root): AsyncGenerator<Audited, void, void> {
  const { root: part } = context.options;
  let [there, read] = [0, 0];
  const reader = new Tree(context.signal);
  try {
    for await (const pairs of merged(tree.walk(walkRequest(root, context.options)), context.state)) {
      context.signal.throwIfAborted();
      // What is known and not there is behind as well: the next look tells that it is gone.
      const counted = pairs.filter(({ print, row }) => print !== undefined || row?.out === undefined);
      const settled = counted.filter(isKnown);
      [there, read] = [there + counted.length, read + settled.length];
      for (const { key, row } of await altered(context, reader, root, settled)) {
        // Written in the tick in which it was read: the next look reads it again.
        if (row!.racy === true) read -= 1;
        else yield { part: `${part}/${key}`, covered: damaged };
      }
      yield { part, records: [] };
    }
  } finally {
    reader.release();
  }
  yield { part, covered: { unit: 'entry', there, read } };
}

const damaged = {
  unit: 'entry',
  there: 1,
  read: 1,
  differs:
    'its contents are not those that were read, and its times are: a damaged disk, or somebody who put the clock back; look at it, and touch it for the next sync to read it',
} as const;

function isKnown({ print, row }: Pair): boolean {
  return row !== undefined && row.print === print && row.out === undefined;
}

async function altered({ options }: Context, tree: Tree, root: Root, pairs: readonly Pair[]): Promise<Pair[]> {
  const files = pairs.filter(({ row }) => row!.sha256 !== null);
  if (files.length === 0) return [];
  const how = { root: root.path, hashBytes: options.hashBytesMax, contentBytes: 0 };
  const contents = await tree.read(
    how,
    files.map(({ key }) => key),
    files.map(({ row }) => row!.target !== undefined),
  );
  // One that was written meanwhile is for the next look.
  return files.filter(({ print, row }, at) => differs(contents[at], print!, row!));
}

function differs(
  found: Awaited<ReturnType<Tree['read']>>[number] | undefined,
  print: string,
  { sha256 }: Row,
): boolean {
  if (found === null || found === undefined || found.moving === true || found.print !== print) return false;
  return found.sha256 !== null && found.sha256 !== sha256;
}
