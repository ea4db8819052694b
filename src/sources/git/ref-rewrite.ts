// How a ref came from one commit to another: forward, or with commits left behind (a force-push), and which.
import type { JsonObject } from '../../domain/event.js';
import { gitLimits } from './limits.js';
import { readFailure } from './damaged-copy.js';
import { GitFailure } from './git-failure.js';
import { readMirror, runMirror, type Mirror } from './mirror.js';
import { findPairs } from './patch-ids.js';

export interface Distance {
  /** Commits that `from` reaches and `to` does not. */
  readonly lost: number;
  /** Commits that `to` reaches and `from` does not. */
  readonly new: number;
}

export async function distanceOf(mirror: Mirror, from: string, to: string): Promise<Distance> {
  const output = (
    await readMirror(mirror, ['rev-list', '--count', '--left-right', `${from}...${to}`, '--'])
  ).toString();
  const [lost, fresh] = output.split('\t').map(Number);
  return { lost: lost!, new: fresh! };
}

/** Fields of a rewrite that was not looked into: there were too many, or the old commits are gone. */
export const undescribed = (reason: string): JsonObject => ({
  mergeBase: null, lostCount: null, newCount: null, lost: [], new: [], truncated: true, pairs: [], pairsSkipped: reason,
}); // prettier-ignore

/** Counts are exact. Lists are newest first. */
export async function describeRewrite(
  mirror: Mirror,
  from: string,
  to: string,
  distance: Distance,
): Promise<JsonObject> {
  const [lost, fresh] = [await listed(mirror, from, to), await listed(mirror, to, from)];
  const truncated = lost.length < distance.lost || fresh.length < distance.new;
  const pairs = truncated ? 'too_many_commits' : await findPairs(mirror, lost, fresh);
  return {
    mergeBase: await mergeBaseOf(mirror, from, to),
    lostCount: distance.lost,
    newCount: distance.new,
    lost,
    new: fresh,
    truncated,
    pairs: typeof pairs === 'string' ? [] : pairs.map((pair) => ({ ...pair })),
    ...(typeof pairs === 'string' ? { pairsSkipped: pairs } : {}),
  };
}

async function listed(mirror: Mirror, reached: string, without: string): Promise<string[]> {
  const output = await readMirror(mirror, [
    'rev-list',
    '--topo-order',
    `--max-count=${gitLimits.rewriteCommitsMax}`,
    reached,
    `^${without}`,
    '--',
  ]);
  return output.toString('latin1').split('\n').filter((line) => line !== ''); // prettier-ignore
}

/** The best one, where a history that was merged crosswise has several; null when the two have nothing in common. */
async function mergeBaseOf(mirror: Mirror, from: string, to: string): Promise<string | null> {
  try {
    return (await runMirror(mirror, ['merge-base', from, to])).toString().trim();
  } catch (error) {
    if (error instanceof GitFailure && error.exit === 'exit 1' && error.stderr === '') return null;
    throw error instanceof GitFailure ? readFailure(mirror.signal, error) : error;
  }
}
