// Asks the threads that walk and read. A reading stays with one of them; several readings may share it, question by question.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Transient } from '../../domain/errors.js';
import { treeLimits } from './limits.js';
import type { Contents, ReadRequest } from './read-file.js';
import type { Answer, Batch, Question, Reply, Sealed } from './tree-thread.js';
import type { Entry, WalkRequest } from './walk.js';

/** Tests run this module from src/, and its thread from dist/ all the same. */
const entry = fileURLToPath(
  new URL(
    `${import.meta.url.endsWith('.ts') ? '../../../dist/src/sources/filesystem/' : './'}tree-thread.js`,
    import.meta.url,
  ),
);

const threads = new Set<Thread>();
let questions = 0;

/** The thread with the fewest readings, or a new one. */
function leastBusy(): Thread {
  const [first] = [...threads].toSorted((one, other) => one.trees - other.trees);
  return first !== undefined && (first.trees === 0 || threads.size >= treeLimits.threadsMax) ? first : new Thread();
}

class Thread {
  trees = 0;
  readonly #worker: Worker;
  readonly #asked = new Map<number, (reply: Reply) => void>();
  #idle: NodeJS.Timeout | undefined;

  constructor() {
    this.#worker = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: treeLimits.threadMib } });
    this.#worker.on('message', ({ id, ...reply }: Reply & { readonly id: number }) => this.#told(id, reply as Reply));
    this.#worker.on('error', () => this.end());
    this.#worker.on('exit', () => this.end());
    // A thread that nobody waits for keeps no command from ending.
    this.#worker.unref();
    threads.add(this);
  }

  begin(): void {
    this.trees += 1;
    clearTimeout(this.#idle);
  }

  finish(walk: number): void {
    this.trees -= 1;
    this.#worker.postMessage({ id: 0, question: { kind: 'forget', walk } });
    if (this.trees === 0) this.#idle = setTimeout(() => this.end(), treeLimits.threadIdleMs).unref();
  }

  ask(question: Question): { readonly id: number; readonly reply: Promise<Reply> } {
    const id = ++questions;
    const reply = new Promise<Reply>((resolve) => this.#asked.set(id, resolve));
    if (!threads.has(this)) this.#told(id, ended);
    else {
      this.#worker.ref();
      this.#worker.postMessage({ id, question });
    }
    return { id, reply };
  }

  /** Nobody waits for this answer any more. A disk that never gives it must not keep the thread from others. */
  abandon(id: number): void {
    setTimeout(() => this.#asked.has(id) && this.end(), treeLimits.threadStuckMs).unref();
  }

  end(): void {
    if (!threads.delete(this)) return;
    for (const id of this.#asked.keys()) this.#told(id, ended);
    void this.#worker.terminate();
  }

  #told(id: number, reply: Reply): void {
    this.#asked.get(id)?.(reply);
    this.#asked.delete(id);
    if (this.#asked.size === 0) this.#worker.unref();
  }
}

const ended: Reply = { message: 'the thread that reads it ended' };

export class Tree {
  readonly #thread: Thread;
  readonly #signal: AbortSignal;
  #walk = 0;

  constructor(signal: AbortSignal) {
    [this.#thread, this.#signal] = [leastBusy(), signal];
    this.#thread.begin();
  }

  static async use<T>(signal: AbortSignal, use: (tree: Tree) => Promise<T>): Promise<T> {
    const tree = new Tree(signal);
    try {
      return await use(tree);
    } finally {
      tree.release();
    }
  }

  release(): void {
    this.#thread.finish(this.#walk);
  }

  /** One after the other. */
  async *walk(request: WalkRequest): AsyncGenerator<readonly Entry[], void, void> {
    this.#walk = (await this.#ask({ kind: 'walk', request, instead: this.#walk })) as number;
    const more = (): Promise<Answer> => this.#ask({ kind: 'next', walk: this.#walk });
    for (let next = more(); ;) {
      const { flat, last } = (await next) as Batch;
      // The thread looks on while these are worked on. Whoever stops in the middle does not hear of its failure.
      if (!last) (next = more()).catch(() => undefined);
      yield Array.from({ length: flat.length / 2 }, (_, at): Entry => [flat[2 * at]!, flat[2 * at + 1]!]);
      if (last) return;
    }
  }

  async seal(request: WalkRequest): Promise<Sealed> {
    return (await this.#ask({ kind: 'seal', request })) as Sealed;
  }

  async read(how: ReadRequest, keys: readonly string[], links: readonly boolean[]): Promise<(Contents | null)[]> {
    return (await this.#ask({ kind: 'read', how, keys, links })) as (Contents | null)[];
  }

  /** Null: nothing is there. */
  async prints(root: string, keys: readonly string[]): Promise<(string | null)[]> {
    return keys.length === 0 ? [] : ((await this.#ask({ kind: 'prints', root, keys })) as (string | null)[]);
  }

  async #ask(question: Question): Promise<Answer> {
    this.#signal.throwIfAborted();
    const { id, reply } = this.#thread.ask(question);
    let abort = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => (this.#thread.abandon(id), reject(this.#signal.reason as Error));
      this.#signal.addEventListener('abort', abort, { once: true });
    });
    try {
      const told = await Promise.race([reply, aborted]);
      if ('answer' in told) return told.answer;
      throw new Transient('tree_unreadable', `the tree cannot be read: ${told.message}`);
    } finally {
      this.#signal.removeEventListener('abort', abort);
    }
  }
}
