// Whether what a look misses was deleted: then the folder that held it is there, is the same folder as before, and does not name
// it. Where a disk is not mounted, or another one is, the folder at its place is another.
import type { SecondLook } from '../../domain/deletions.js';
import { treeLimits } from './limits.js';
import type { Row } from './manifest.js';
import { factsOf } from './print.js';
import type { Root } from './root.js';
import type { Tree } from './tree.js';

export async function proveGone(
  tree: Tree,
  root: Root,
  gone: readonly string[],
  rowOf: (key: string) => Promise<Row | undefined>,
): Promise<SecondLook> {
  const missing = new Set(gone);
  const folders = new Set(gone.map((key) => folderOf(key, missing)));
  // The root was compared already.
  folders.delete('');
  if (folders.size > treeLimits.foldersAskedMax)
    return { unproven: `they lay in ${folders.size} folders, more than are looked at again` };
  const prints = await tree.prints(root.path, [...folders]);
  for (const [at, folder] of [...folders].entries()) {
    const [print, row] = [prints[at], await rowOf(folder)];
    if (row === undefined) return { unproven: `the folder ${folder} is left out, so nothing is known of it` };
    if (print === null || print === undefined || factsOf(print).body !== factsOf(row.print).body)
      return { unproven: `the folder ${folder} is not the one that was read before` };
  }
  return { found: [] };
}

/** The nearest folder above that is not gone itself. */
function folderOf(key: string, missing: ReadonlySet<string>): string {
  let folder = key;
  do folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
  while (folder !== '' && missing.has(folder));
  return folder;
}
