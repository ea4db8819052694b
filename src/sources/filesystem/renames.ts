// Which gone entry a new one was: the same inode, or else the same contents. Each is taken once.
import type { Row } from './manifest.js';
import { bodyOf, factsOf, type Facts } from './print.js';

export interface Former {
  readonly key: string;
  readonly row: Row;
  readonly paired: 'inode' | 'contents';
}

export class Formers {
  readonly #gone: ReadonlyMap<string, Row>;
  readonly #byBody = new Map<string, string[]>();
  readonly #byHash = new Map<string, string[]>();

  /** Who takes one out of `gone` takes it from here. */
  constructor(gone: ReadonlyMap<string, Row>, claimed: ReadonlySet<string>) {
    this.#gone = gone;
    for (const [key, row] of gone) {
      const facts = factsOf(row.print);
      const body = bodyOf(facts);
      add(this.#byBody, body, key);
      if (row.sha256 !== null && isTelling(facts) && !claimed.has(body)) add(this.#byHash, row.sha256, key);
    }
  }

  of(key: string, facts: Facts, sha256: string | null): Former | undefined {
    const sameBody = this.#first(this.#byBody.get(bodyOf(facts)), key);
    if (sameBody !== undefined) return { ...sameBody, paired: 'inode' };
    const same = sha256 !== null && isTelling(facts) ? this.#first(this.#byHash.get(sha256), key) : undefined;
    return same === undefined ? undefined : { ...same, paired: 'contents' };
  }

  /** One of the same name rather than another. */
  #first(keys: readonly string[] = [], key: string): Omit<Former, 'paired'> | undefined {
    const there = keys.filter((one) => this.#gone.has(one));
    const found = there.find((one) => nameOf(one) === nameOf(key)) ?? there[0];
    return found === undefined ? undefined : { key: found, row: this.#gone.get(found)! };
  }
}

/** All empty files have the same contents. */
function isTelling({ letter, size }: Facts): boolean {
  return letter === 'f' && size > 0;
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
