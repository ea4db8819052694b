// What objects are, and what tags stand for in the end: a tag may name a tag, a file or a tree.
import { readMirror, type Mirror } from './mirror.js';

export interface Peeled {
  readonly type: string;
  /** What is left when all tags are taken off; null when it is missing. */
  readonly target: string | null;
  readonly targetType: string | null;
  /** `target`, when it is a commit. */
  readonly commit: string | null;
}

/** By id; objects the mirror does not have are left out. */
export async function peel(mirror: Mirror, ids: readonly (string | null)[]): Promise<Map<string, Peeled>> {
  const distinct = [...new Set(ids)].filter((id) => id !== null);
  const input = distinct.map((id) => `${id}\n${id}^{}\n`).join('');
  if (input === '') return new Map();
  const output = await readMirror(mirror, ['cat-file', '--batch-check=%(objectname) %(objecttype)', '--buffer'], input);
  const lines = output.toString().split('\n');
  return new Map(
    distinct.flatMap((id, at) =>
      lines[2 * at]!.endsWith(' missing') ? [] : [[id, peeled(lines[2 * at]!, lines[2 * at + 1]!)]],
    ),
  );
}

function peeled(object: string, end: string): Peeled {
  const [, type = ''] = object.split(' ');
  if (end.endsWith(' missing')) return { type, target: null, targetType: null, commit: null };
  const [target = '', targetType = ''] = end.split(' ');
  return { type, target, targetType, commit: targetType === 'commit' ? target : null };
}
