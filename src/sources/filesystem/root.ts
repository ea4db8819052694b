// The folder itself: where it really is, which one it is, whether it is there. A link is resolved once, for each look.
import { lstat, realpath } from 'node:fs/promises';
import { InvalidInput, NeedsAttention } from '../../domain/errors.js';
import type { SourceContext } from '../../domain/source.js';
import type { Cursor } from './cursor.js';
import { codeOf, isGone, pathBytes } from './open-inside.js';
import type { TreeOptions } from './options.js';
import { factsOf, printOf } from './print.js';
import type { WalkRequest } from './walk.js';

export interface Root {
  /** Real, in latin1. */
  readonly path: string;
  /** Inode and birth. */
  readonly body: string;
}

/** Undefined: no folder is there now. */
export async function findRoot({ root }: Pick<TreeOptions, 'root'>): Promise<Root | undefined> {
  try {
    const path = (await realpath(root, 'buffer')).toString('latin1');
    const stats = await lstat(pathBytes(path), { bigint: true });
    return stats.isDirectory() ? { path, body: factsOf(printOf(stats)).body } : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw new NeedsAttention(
      'root_unreadable',
      `${root} cannot be looked at: ${codeOf(error)}; let the worker's account pass through the folders above it, and start again`,
      { cause: error },
    );
  }
}

/** One that never was there is a mistake. */
export function refuseUnknown({ options }: SourceContext<TreeOptions>, committed: Cursor): void {
  if (committed.root === null)
    throw new InvalidInput(
      'source.options.root',
      `found no folder ${options.root} on the machine of the worker; name one that is there`,
    );
}

export function walkRequest({ path }: Root, { include, exclude, gitignore, oneDevice }: TreeOptions): WalkRequest {
  return { root: path, include, exclude, gitignore, oneDevice };
}
