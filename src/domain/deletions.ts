// What a look at a source would delete, and whether to believe it. An origin that answers nothing looks the same whether
// everything was deleted or a proxy, a login page or an unmounted disk answered in its place; and what was told deleted is
// told for ever. So a look that would delete all, or most of many, changes nothing until another kind of look agrees, or
// a person says so.
import { NeedsAttention } from './errors.js';

/** What a look at an origin no longer finds, for `admitDeletions` to judge. */
export interface Deletions {
  /** Plural, for people: refs, files, channels. */
  readonly what: string;
  /** How many of them the source knows. */
  readonly known: number;
  /** Those of them that this look no longer finds, by name. */
  readonly gone: readonly string[];
  /** Looks in another way than the look that missed them. Absent: there is none. */
  readonly lookAgain?: (() => Promise<SecondLook>) | undefined;
}

/** `found`: those of `gone` that are there all the same. `unproven`: why this look says nothing about them. */
export type SecondLook = { readonly found: readonly string[] } | { readonly unproven: string };

/** Things deleted at once that are many: tidying up by hand deletes some branches, a lost half of an answer most of them. */
const manyMin = 5;
/** Of what is known; beyond it more is gone than stays. */
const mostShare = 0.5;

/** Whether this is what a wrong answer would look like. One of one is all. */
export function isMassDeletion({ known, gone }: Pick<Deletions, 'known' | 'gone'>): boolean {
  if (gone.length === 0) return false;
  return gone.length >= known || (gone.length >= manyMin && gone.length > known * mostShare);
}

/** Returns when the deletions may be told; else throws NeedsAttention. `accepted`: a person said so. */
export async function admitDeletions(source: string, deletions: Deletions, accepted: boolean): Promise<void> {
  if (accepted || !isMassDeletion(deletions)) return;
  const second = await (deletions.lookAgain?.() ?? { unproven: `there is no other way to look at ${deletions.what}` });
  if ('found' in second && second.found.length === 0) return;
  throw new NeedsAttention('mass_deletion', refusalOf(source, deletions, second));
}

/** Names told as examples, and characters of each. */
const [examplesMax, exampleCharsMax] = [5, 100];

function refusalOf(source: string, { what, known, gone }: Deletions, second: SecondLook): string {
  const again = 'found' in second ? `a second look still finds ${counted(second.found, gone.length)}` : second.unproven;
  return (
    `${gone.length} of ${known} known ${what} would be deleted (${named(gone)}), and ${again}; nothing was changed. ` +
    `Put the origin right and start it again; or, if they are gone, accept it for one run: \`tributary sync ${source} ` +
    `--accept-deletions\`, or the workflow's input {"sourceId":"${source}","acceptDeletions":true}`
  );
}

function counted(found: readonly string[], of: number): string {
  return `${found.length} of these ${of} (${named(found)})`;
}

function named(names: readonly string[]): string {
  const examples = names
    .slice(0, examplesMax)
    .map((name) => (name.length > exampleCharsMax ? `${name.slice(0, exampleCharsMax)}…` : name));
  return `${examples.join(', ')}${names.length > examplesMax ? ', …' : ''}`.toWellFormed();
}
