// Makes the notes of a walk: first the commits that no ref reaches any more, or one does again, then the refs themselves.
// In this order, because a ref's row changes with its note: were the walk lost in between, the commits are found again.
import { gitLimits } from './limits.js';
import { claimed } from './history.js';
import { presentIn, shallowCommits, type Mirror } from './mirror.js';
import { peel, type Peeled } from './peel.js';
import { refChanges, type Known, type RefChange } from './ref-changes.js';
import type { CommitNote, Note, RefNote } from './ref-notes.js';
import { describeRewrite, distanceOf, undescribed, type Distance } from './ref-rewrite.js';
import type { OriginRefs } from './origin.js';

export interface Looked {
  readonly mirror: Mirror;
  readonly before: Known;
  readonly now: OriginRefs;
  /** Number of the last change told before. */
  readonly told: number;
  /** Nothing was known of this origin: its refs may be of any age. */
  readonly first: boolean;
}

/** Fills `lost` with the old tips that no ref reaches any more: those the mirror must not lose. */
export async function* planNotes(looked: Looked, lost: string[]): AsyncGenerator<Note, void, void> {
  const changes = refChanges(looked.before, looked.now, looked.told);
  if (changes.length === 0) return;
  const plan = new NotesPlan(
    looked,
    changes,
    await peel(
      looked.mirror,
      changes.flatMap(({ from, to }) => [from, to]),
    ),
  );
  yield* plan.lostCommits();
  yield* plan.foundCommits();
  yield* plan.refs();
  lost.push(...plan.lostHere);
}

class NotesPlan {
  readonly #looked: Looked;
  readonly #changes: readonly RefChange[];
  readonly #byNumber: ReadonlyMap<number, RefChange>;
  readonly #objects: ReadonlyMap<string, Peeled>;
  /** By the number of the change that did it. */
  readonly #lost = new Map<string, number>();
  readonly #found = new Map<string, number>();
  readonly #distances = new Map<string, Distance>();
  #described = 0;
  readonly lostHere: string[] = [];

  constructor(looked: Looked, changes: readonly RefChange[], objects: ReadonlyMap<string, Peeled>) {
    [this.#looked, this.#changes, this.#objects] = [looked, changes, objects];
    this.#byNumber = new Map(changes.flatMap((change) => (change.number === null ? [] : [[change.number, change]])));
  }

  #commitOf(id: string | null): string | null {
    return id === null ? null : (this.#objects.get(id)?.commit ?? null);
  }

  /** The commits at one end of the changes, each with the first change there. */
  #ends(end: 'from' | 'to'): Map<string, number> {
    const ends = this.#changes.flatMap((change) => {
      const commit = this.#commitOf(change[end]);
      return commit === null || change.number === null ? [] : [[commit, change.number] as const];
    });
    // The first wins, and Map takes the last.
    return new Map(ends.reverse());
  }

  async *lostCommits(): AsyncGenerator<CommitNote, void, void> {
    const { mirror, now } = this.#looked;
    const ends = this.#ends('from');
    // What a broken ref of the origin pointed to may not be here.
    const tips = await presentIn(mirror, new Set(now.tips.values()));
    for await (const { id, number } of claimed(mirror, new Map(ends), tips)) {
      if (ends.has(id)) this.#lost.set(id, number);
      yield this.#commitNote(id, number, false);
    }
    this.lostHere.push(...this.#lost.keys());
    yield* this.#missingTips();
  }

  /** A mirror made anew has no history that the origin dropped: of it only the tip is known, and that no ref reaches it. */
  *#missingTips(): Generator<CommitNote, void, void> {
    for (const { ref, from, number } of this.#changes) {
      if (
        from === null ||
        number === null ||
        this.#objects.has(from) ||
        ref.startsWith('refs/tags/') ||
        this.#lost.has(from)
      )
        continue;
      this.#lost.set(from, number);
      yield this.#commitNote(from, number, false);
    }
  }

  /** What new tips reach of the history that only lost tips reached. */
  async *foundCommits(): AsyncGenerator<CommitNote, void, void> {
    const { mirror, before } = this.#looked;
    const kept = new Set(await presentIn(mirror, before.kept));
    if (kept.size === 0) return;
    const old = await presentIn(mirror, new Set(before.tips.values()));
    const edge = this.#ends('to');
    // Walks over what is quite new; what remains in `edge` is where that meets history that was known.
    for await (const _ of claimed(mirror, edge, [...old, ...kept]));
    for await (const { id, number } of claimed(mirror, edge, old)) {
      if (kept.has(id)) this.#found.set(id, number);
      yield this.#commitNote(id, number, true);
    }
  }

  #commitNote(commit: string, number: number, reachable: boolean): CommitNote {
    return { commit, reachable, ref: this.#byNumber.get(number)!.ref, number };
  }

  async *refs(): AsyncGenerator<RefNote, void, void> {
    const [lost, found] = [grouped(this.#lost), grouped(this.#found)];
    for (const change of this.#changes) {
      const note = { ...change, ...(await this.#told(change)) };
      const [gone, back] = [lost.get(change.number), found.get(change.number)];
      yield { ...note, ...(gone === undefined ? {} : { lost: gone }), ...(back === undefined ? {} : { found: back }) };
    }
  }

  async #told(change: RefChange): Promise<Pick<RefNote, 'type' | 'data' | 'flags' | 'tagObject'>> {
    const { number, ref, from, to, branch } = change;
    const commit = this.#commitOf(to);
    const { first } = this.#looked;
    if (number === null) return { type: null, data: {} };
    if (branch !== undefined && branch.from !== branch.to)
      return { type: 'git.default_branch_changed', data: { commit, first } };
    if (ref.startsWith('refs/tags/')) return this.#toldTag(change);
    if (from === null) return { type: 'git.ref_created', data: { commit, first } };
    if (to === null) return { type: 'git.ref_deleted', data: { commit } };
    const told = await this.#toldMove(from, to);
    return branch === undefined || branch.to === null ? told : { ...told, data: { ...told.data, branch: branch.to } };
  }

  #toldTag({ from, to }: RefChange): Pick<RefNote, 'type' | 'data' | 'flags' | 'tagObject'> {
    const object = (to ?? from)!;
    const peeled = this.#objects.get(object);
    const { target = null, targetType = null } = peeled ?? {};
    const annotated = peeled === undefined ? null : peeled.type === 'tag';
    const data = {
      commit: to === null ? null : this.#commitOf(to),
      annotated,
      target,
      targetType,
      ...(from === null ? { first: this.#looked.first } : {}),
    };
    const type = from === null ? 'git.tag_created' : to === null ? 'git.tag_deleted' : 'git.tag_moved'; // prettier-ignore
    return {
      type,
      data,
      ...(annotated === true ? { tagObject: object } : {}),
      ...(target === null ? { flags: ['missing_object'] } : {}),
    };
  }

  async #toldMove(from: string, to: string): Promise<Pick<RefNote, 'type' | 'data' | 'flags'>> {
    const [old, commit] = [this.#commitOf(from), this.#commitOf(to)];
    // The mirror has all that the refs reach now: what is not there is not behind the new tip.
    if (!this.#objects.has(from))
      return {
        type: 'git.ref_rewritten',
        data: { commit, ...undescribed('history_missing') },
        flags: ['history_missing'],
      };
    // Of files and trees nobody can say which comes after which.
    if (old === null || commit === null) return { type: 'git.ref_moved', data: { commit, commits: null } };
    const many = this.#described >= gitLimits.rewritesDescribed;
    if (many && this.#lost.has(old)) return tooMany(commit);
    const distance = await this.#distance(old, commit);
    if (distance.lost === 0) return { type: 'git.ref_moved', data: { commit, commits: distance.new } };
    if (many) return tooMany(commit);
    this.#described++;
    const { mirror } = this.#looked;
    const rewrite = await describeRewrite(mirror, old, commit, distance);
    const cut = rewrite['mergeBase'] === null && (await shallowCommits(mirror)).size > 0;
    return { type: 'git.ref_rewritten', data: { commit, ...rewrite }, ...(cut ? { flags: ['shallow_boundary'] } : {}) };
  }

  /** HEAD and several branches often move together. */
  async #distance(from: string, to: string): Promise<Distance> {
    const key = `${from}..${to}`;
    const known = this.#distances.get(key) ?? (await distanceOf(this.#looked.mirror, from, to));
    this.#distances.set(key, known);
    return known;
  }
}

function tooMany(commit: string): Pick<RefNote, 'type' | 'data' | 'flags'> {
  return { type: 'git.ref_rewritten', data: { commit, ...undescribed('too_many_rewrites') }, flags: ['not_compared'] };
}

function grouped(byId: ReadonlyMap<string, number>): Map<number | null, string[]> {
  const groups = new Map<number | null, string[]>();
  for (const [id, number] of byId) groups.set(number, [...(groups.get(number) ?? []), id]);
  return groups;
}
