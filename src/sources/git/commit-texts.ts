// What git itself makes of a commit that names an encoding: its people and its message in UTF-8. git is asked and no
// library, because which names there are, and what a byte means, is for its iconv to say. Where that cannot convert, the
// bytes stay.
import { ByteReader } from './byte-reader.js';
import { missingInMirror } from './damaged-copy.js';
import { GitFailure } from './git-failure.js';
import { runGit, startGit, type GitProcess } from './git-process.js';
import type { Mirror } from './mirror.js';
import { arePacksSound } from './pack-seals.js';

/** Bytes of a commit object that is converted: with three for each of them the record stays under recordBytesMax. */
const convertedBytesMax = 128 * 1_024;

/** Author's and committer's name and address, and the message, each ended by a NUL: git ends texts there. */
const fields = 5;
const asked = ['-s', '-z', '--encoding=UTF-8', '--format=tformat:%H%x00%an%x00%ae%x00%cn%x00%ce%x00%B'];
/** As in diff-process: diff-tree prints it as it is, and flushes. */
const turnEnd = '=\n';

export class CommitTexts {
  readonly #mirror: Mirror;
  #git: GitProcess | undefined;
  #reader: ByteReader | undefined;

  constructor(mirror: Mirror) {
    this.#mirror = mirror;
  }

  /** Undefined when the commit is UTF-8 by its own word, or git does not tell. */
  async of(id: string, object: Buffer, size: number): Promise<Buffer | undefined> {
    if (size > convertedBytesMax || !namesEncoding(object)) return undefined;
    if (this.#git === undefined) this.#start();
    // Compared with itself: nothing differs, so no tree but its own is read.
    this.#git!.stdin.write(`${id} ${id}\n${turnEnd}`);
    return (await this.#answer(id.length)) ?? this.#alone(id);
  }

  #start(): void {
    const { directory: mirror, signal } = this.#mirror;
    this.#git = startGit({ args: ['diff-tree', '--stdin', '--always', ...asked], mirror, signal });
    this.#reader = new ByteReader(this.#git.stdout);
  }

  async #answer(idChars: number): Promise<Buffer | undefined> {
    const reader = this.#reader!;
    let [found, at] = [0, 0];
    while (found <= fields) {
      const end = reader.bytes.indexOf(0, at);
      if (end >= 0) [found, at] = [found + 1, end + 1];
      else if (found === 0 && reader.bytes.toString('latin1', 0, turnEnd.length) === turnEnd) break;
      else if (!(await reader.more())) return undefined;
    }
    while (reader.bytes.length < at + turnEnd.length) if (!(await reader.more())) return undefined;
    const texts = Buffer.from(reader.bytes.subarray(Math.min(idChars + 1, at), at));
    reader.skip(at + turnEnd.length);
    return texts.length === 0 ? undefined : texts;
  }

  /** Of a commit that diff-tree says nothing of, or dies of because its tree is missing: log looks at no tree. */
  async #alone(id: string): Promise<Buffer | undefined> {
    this.close();
    const { directory: mirror, signal } = this.#mirror;
    try {
      const output = await runGit({ args: ['log', '--no-walk', ...asked, '--end-of-options', id], mirror, signal });
      return output.subarray(id.length + 1);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      // Damage of the mirror says nothing of the commit: the bytes stay only where git cannot convert them.
      if (error.isShortage || !error.exit.startsWith('exit')) throw error;
      if (!(await arePacksSound(this.#mirror))) throw missingInMirror(id);
      return undefined;
    }
  }

  close(): void {
    this.#git?.kill();
    this.#git = undefined;
  }
}

/** git takes `utf8` for UTF-8, in any case, and leaves such a commit alone. */
function namesEncoding(object: Buffer): boolean {
  const at = object.indexOf('\nencoding ');
  const end = object.indexOf('\n\n');
  if (at < 0 || (end >= 0 && at > end)) return false;
  return !/^utf-?8$/i.test(object.toString('latin1', at + '\nencoding '.length, object.indexOf('\n', at + 1)));
}

export interface ConvertedTexts {
  readonly author: { readonly name: Buffer; readonly email: Buffer };
  readonly committer: { readonly name: Buffer; readonly email: Buffer };
  readonly message: Buffer;
}

/** A section of a record. */
export function convertedTexts(bytes: Buffer): ConvertedTexts {
  const parts: Buffer[] = [];
  for (let at = 0; parts.length < fields;) {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new RangeError('the converted texts end early');
    parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  const [name, email, committerName, committerEmail, message] = parts as [Buffer, Buffer, Buffer, Buffer, Buffer];
  return { author: { name, email }, committer: { name: committerName, email: committerEmail }, message };
}
