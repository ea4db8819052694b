// What a look sees of an entry, as one line: type, size, mtime, ctime, inode, birth, mode, owner, group. Two equal lines are an
// entry that nobody touched. Times are nanoseconds; of what changes without meaning (a folder's mtime) a 0 stands there.
//
// The device is not in it: numbers of devices change with a reboot. Birth is the file system's own (ext4, xfs, btrfs, tmpfs since
// Linux 6, APFS; 0 where it has none); inode and birth together are never used twice.
import type { BigIntStats } from 'node:fs';

export type Letter = 'f' | 'd' | 'D' | 'l' | 'p' | 's' | 'b' | 'c';

/** `D`: a folder on which another file system begins. */
const names: Readonly<Record<Letter, string>> = {
  f: 'file',
  d: 'directory',
  D: 'directory',
  l: 'symlink',
  p: 'fifo',
  s: 'socket',
  b: 'block_device',
  c: 'char_device',
};

export interface Facts {
  readonly letter: Letter;
  readonly type: string;
  readonly size: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  /** Inode and birth. */
  readonly body: string;
  readonly birthNs: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
}

/** `mounted`: another file system begins there. */
export function printOf(stats: BigIntStats, mounted = false): string {
  const letter = letterOf(stats, mounted);
  const moving = letter === 'f' || letter === 'l' ? `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` : '0 0 0';
  const mode = (Number(stats.mode) & 0o7777).toString(8).padStart(4, '0');
  return `${letter} ${moving} ${stats.ino} ${stats.birthtimeNs} ${mode} ${stats.uid} ${stats.gid}`;
}

function letterOf(stats: BigIntStats, mounted: boolean): Letter {
  if (stats.isFile()) return 'f';
  if (stats.isDirectory()) return mounted ? 'D' : 'd';
  if (stats.isSymbolicLink()) return 'l';
  if (stats.isFIFO()) return 'p';
  if (stats.isSocket()) return 's';
  return stats.isBlockDevice() ? 'b' : 'c';
}

export function factsOf(print: string): Facts {
  const [letter, size, mtimeNs, ctimeNs, inode, birthNs, mode, uid, gid] = print.split(' ') as [Letter, ...string[]];
  return {
    letter,
    type: names[letter],
    size: Number(size),
    mtimeNs: mtimeNs!,
    ctimeNs: ctimeNs!,
    body: `${inode} ${birthNs}`,
    birthNs: birthNs!,
    mode: mode!,
    uid: Number(uid),
    gid: Number(gid),
  };
}

/** The same thing on the disk: where there is no birth, its inode may have been given to another, so size and mtime must agree. */
export function bodyOf({ type, body, birthNs, size, mtimeNs }: Facts): string {
  return birthNs === '0' ? `${type} ${body} ${size} ${mtimeNs}` : `${type} ${body}`;
}

export function msOf(ns: string): number {
  return Number(BigInt(ns) / 1_000_000n);
}
