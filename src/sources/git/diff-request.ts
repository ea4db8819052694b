// What is asked of `diff-tree`, by the source's options: which changes, and how far into the files it looks.
import { gitLimits } from './limits.js';
import { driverSettings } from './diff-drivers.js';
import type { RawEntry } from './diff-tokens.js';
import type { GitOptions } from './options.js';
import { pathMatcher, type PathMatcher } from '../path-globs.js';

export interface DiffRequest {
  readonly renames: boolean;
  readonly copies: boolean;
  /** `trees`: no file is opened but to find renames. `counts`: lines are counted by git. `hunks`: its patches are read, and counted here. */
  readonly depth: 'trees' | 'counts' | 'hunks';
  readonly keepsPatch: boolean;
  readonly keepsSymbols: boolean;
  /** Undefined: all paths. */
  readonly matches: PathMatcher | undefined;
}

export function diffRequestOf({
  renames,
  copies,
  diff,
  symbols = diff === 'patch',
  include,
  exclude,
}: Omit<GitOptions, 'url'>): DiffRequest {
  const keepsPatch = diff === 'patch';
  const depth = diff === 'none' ? 'trees' : keepsPatch || symbols ? 'hunks' : 'counts';
  return { renames, copies, depth, keepsPatch, keepsSymbols: symbols, matches: pathMatcher(include, exclude) };
}

const changes = [
  'diff-tree',
  '--stdin',
  '-r',
  '--root',
  '--always',
  '-z',
  '--no-abbrev',
  '--no-textconv',
  '--no-ext-diff',
  '--ignore-submodules=none',
];

/** Of counting lines and printing hunks git does one: together they cost twice as much, and hunks can be counted. */
export const formats: Readonly<Record<DiffRequest['depth'], readonly string[]>> = {
  trees: ['--raw'],
  counts: ['--raw', '--numstat'],
  // Ids in full: how far git shortens them depends on what else the mirror holds, and a patch must not.
  hunks: ['--raw', '--patch', '--unified=3', '--full-index', '--submodule=short'],
};

export function firstParentChanges(
  request: Pick<DiffRequest, 'renames' | 'copies' | 'depth'>,
  shown = formats[request.depth],
): readonly string[] {
  const copies = request.copies ? [`-C${gitLimits.renamePercent}%`] : [];
  const detect = request.renames
    ? [`-M${gitLimits.renamePercent}%`, ...copies, `-l${gitLimits.renameFilesMax}`]
    : ['--no-renames'];
  return [...changes, ...shown, '--diff-merges=first-parent', ...detect];
}

export interface DiffCommand {
  readonly args: readonly string[];
  /** git settings beside those of every command. */
  readonly settings: readonly string[];
  /** The same with lines counted and not printed. */
  readonly counts: readonly string[];
}

export function changesCommand(request: DiffRequest, mirror: string): DiffCommand {
  const settings = request.depth === 'hunks' ? driverSettings(mirror) : [];
  return { args: firstParentChanges(request), settings, counts: firstParentChanges(request, formats.counts) };
}

/** Paths that differ from every parent. Only trees are compared, so it costs a tenth of a merge's line counts. */
export const combinedChanges: readonly string[] = [...changes, '-c', '--raw', '--no-renames'];

export const combinedCommand: DiffCommand = { args: combinedChanges, settings: [], counts: [] };

/** A rename touches both of its names; a copy leaves the file it was made from as it is. */
export function matchesChange(matches: PathMatcher, { path, oldPath, status }: RawEntry): boolean {
  return (
    matches(path.toString('latin1')) || (status === 'R' && oldPath !== null && matches(oldPath.toString('latin1')))
  );
}
