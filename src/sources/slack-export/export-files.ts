// The files of an export that are read, wherever they lie: lists (channels.json, users.json …) and, by folder, the days of a
// conversation (2024-01-31.json). Everything else (attachments, canvases, avatars, logs of apps) is passed over.
import * as crypto from 'node:crypto';
import { NeedsAttention } from '../../domain/errors.js';
import { exportLimits } from './limits.js';

/** One file: its name, and what tells one state of it from another without reading it. */
export interface Part {
  readonly name: string;
  readonly mark: string;
  /** Why it is not to be read; it is told when its turn comes. */
  readonly refused?: string | undefined;
}

/** An export that is open: to be closed by whoever opened it. */
export interface OpenExport {
  /** All bytes of a file of it. Throws BrokenPart for one that is damaged, and what the system says where it cannot be read. */
  bytes(part: Part): AsyncGenerator<Buffer, void, void>;
  close(): Promise<void>;
}

/** What is in an export, from one look at it. */
export interface ExportFiles {
  /** By file name: `channels.json`. */
  readonly lists: ReadonlyMap<string, Part>;
  /** Days in their order, by the folder's name. */
  readonly folders: ReadonlyMap<string, readonly Part[]>;
  readonly parts: number;
  open(): Promise<OpenExport>;
}

export const channelLists = ['channels.json', 'groups.json', 'dms.json', 'mpims.json'] as const;
/** An organisation's export has the second. */
export const userLists = ['users.json', 'org_users.json'] as const;
const lists: ReadonlySet<string> = new Set([...channelLists, ...userLists]);

const day = /^\d{4}-\d\d-\d\d\.json$/;

/** Where a file belongs by its path in the export; null for what is not read. */
export function placeOf(path: string): { readonly folder: string; readonly name: string } | null {
  const slash = path.lastIndexOf('/');
  const [folder, name] = [slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1)];
  return lists.has(name) || (slash >= 0 && day.test(name)) ? { folder, name } : null;
}

/** Collects parts, and finds which folder the export is: people pack it again with a folder around it. */
export class Collecting {
  readonly #folders = new Map<string, Part[]>();
  readonly #where: string;
  #parts = 0;

  /** `where`: how messages name the export. */
  constructor(where: string) {
    this.#where = where;
  }

  add<P extends Part>(folder: string, part: P): void {
    this.#parts += 1;
    if (this.#parts > exportLimits.partsMax)
      throw new NeedsAttention(
        'export_too_large',
        `${this.#where} has more than ${exportLimits.partsMax} files of messages; export it in shorter spans of time`,
      );
    const known = this.#folders.get(folder);
    if (known === undefined) this.#folders.set(folder, [part]);
    else known.push(part);
  }

  files(open: ExportFiles['open']): ExportFiles {
    const root = this.#root();
    const own = new Map<string, readonly Part[]>();
    for (const [path, parts] of this.#folders) {
      const name = path.slice(root === '' ? 0 : root.length + 1);
      const isBelow = path !== root && (root === '' || path.startsWith(`${root}/`)) && !name.includes('/');
      const days = parts.filter((part) => day.test(part.name));
      if (isBelow && days.length > 0) own.set(name.normalize('NFC'), inOrder(days));
    }
    const found = (this.#folders.get(root) ?? []).filter(({ name }) => lists.has(name));
    return { lists: new Map(inOrder(found).map((part) => [part.name, part])), folders: own, parts: this.#parts, open };
  }

  /** The shallowest folder that has lists; an organisation's export may have others of the same name further down. */
  #root(): string {
    const roots = [...this.#folders]
      .filter(([, parts]) => parts.some(({ name }) => lists.has(name)))
      .map(([folder]) => folder)
      .sort((one, other) => depthOf(one) - depthOf(other) || (one < other ? -1 : 1));
    if (roots[0] === undefined)
      throw new NeedsAttention(
        'no_export',
        `${this.#where} has no ${channelLists[0]} and no ${userLists[0]}; expected an export of Slack in JSON, or one of slackdump`,
      );
    return roots[0];
  }
}

/** Two of one name are both refused: nobody knows which is meant. */
function inOrder(parts: readonly Part[]): Part[] {
  const sorted = parts.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return sorted.flatMap((part, at) => {
    if (part.name === sorted[at - 1]?.name) return [];
    const isTwice = part.name === sorted[at + 1]?.name;
    return [isTwice ? { ...part, refused: 'is in the archive more than once; nobody knows which is right' } : part];
  });
}

function depthOf(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}

/** The state of some files, as a short text: equal when none of them changed. */
export function stateOfParts(parts: readonly Part[]): string {
  const hash = crypto.createHash('sha256');
  for (const { name, mark } of parts) hash.update(`${name}\n${mark}\n`);
  return hash.digest('hex').slice(0, 32);
}
