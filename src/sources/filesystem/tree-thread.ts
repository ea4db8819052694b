// A thread of its own walks and reads, one question after the other: calls that wait for a disk, or for a network file system
// that never answers, hold up nobody else's work; and calls that do not go through Node's pool cost a fifth.
import * as crypto from 'node:crypto';
import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { treeLimits } from './limits.js';
import { pathBytes } from './open-inside.js';
import { printOf } from './print.js';
import { fullPath, readContents, type Contents, type ReadRequest } from './read-file.js';
import { unseen, Walk, type Entry, type Unread, type WalkRequest } from './walk.js';

export type Question =
  | { readonly kind: 'walk'; readonly request: WalkRequest; readonly instead: number }
  | { readonly kind: 'next' | 'forget'; readonly walk: number }
  | { readonly kind: 'seal'; readonly request: WalkRequest }
  | { readonly kind: 'read'; readonly how: ReadRequest; readonly keys: readonly string[]; readonly links: readonly boolean[] } // prettier-ignore
  | { readonly kind: 'prints'; readonly root: string; readonly keys: readonly string[] };

/** Keys and prints in turn. */
export interface Batch {
  readonly flat: readonly string[];
  readonly last: boolean;
}

export interface Sealed {
  /** Null: something was not read. */
  readonly seal: string | null;
  readonly entries: number;
  readonly unread: readonly Unread[];
  readonly unreadCount: number;
}

/** A number names a walk that was begun. */
export type Answer = number | Batch | Sealed | readonly (Contents | null)[] | readonly (string | null)[] | null;
export type Reply = { readonly answer: Answer } | { readonly message: string };

const walks = new Map<number, Generator<Entry, void, void>>();
let begun = 0;

function answer(question: Question): Answer {
  switch (question.kind) {
    case 'walk':
      walks.delete(question.instead);
      walks.set(++begun, new Walk(question.request, () => undefined).entries());
      return begun;
    case 'next':
      return next(walks.get(question.walk)!);
    case 'forget':
      walks.delete(question.walk);
      return null;
    case 'seal':
      return seal(question.request);
    case 'read':
      return question.keys.map((key, at) => readContents(question.how, key, question.links[at]!));
    case 'prints':
      return question.keys.map((key) => printAt(question.root, key));
  }
}

function next(entries: Generator<Entry, void, void>): Batch {
  const flat: string[] = [];
  for (let count = 0; count < treeLimits.walkBatch; count++) {
    const { value, done } = entries.next();
    if (done === true) return { flat, last: true };
    flat.push(value[0], value[1]);
  }
  return { flat, last: false };
}

/** Hashed at once: each call costs a microsecond. */
const sealChars = 65_536;

/** One hash over all that a look sees: as long as it is the same, nothing happened. */
function seal(request: WalkRequest): Sealed {
  const unread: Unread[] = [];
  const hash = crypto.createHash('sha256');
  let [entries, whole, unreadCount, seen] = [0, true, 0, ''];
  const walk = new Walk(request, (one) => {
    unreadCount += 1;
    if (unread.length < treeLimits.problemsTold) unread.push(one);
  });
  for (const [key, print] of walk.entries()) {
    entries += 1;
    if (print === unseen) whole = false;
    seen += `${key}\0${print}\0`;
    if (seen.length < sealChars) continue;
    hash.update(seen);
    seen = '';
  }
  hash.update(seen);
  return { seal: whole ? hash.digest('hex') : null, entries, unread, unreadCount };
}

/** Null: it is not there, or a link leads to it. */
function printAt(root: string, key: string): string | null {
  const path = fullPath(root, key);
  try {
    if (realpathSync.native(pathBytes(dirname(path)), 'latin1' as 'utf8') !== dirname(path)) return null;
    return printOf(lstatSync(pathBytes(path), { bigint: true }));
  } catch {
    return null;
  }
}

parentPort?.on('message', ({ id, question }: { readonly id: number; readonly question: Question }) => {
  let reply: Reply;
  try {
    reply = { answer: answer(question) };
  } catch (error) {
    reply = { message: (error as Error).message };
  }
  parentPort!.postMessage({ id, ...reply });
});
