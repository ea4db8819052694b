// A raw record: one change of one entry, as JSON. It has all that its event is made of, so mapping asks no disk.

/** What was known of an entry, or is. */
export interface Version {
  readonly print: string;
  readonly sha256: string | null;
  /** Of a symbolic link. */
  readonly target?: string;
  readonly unreadable?: string;
}

const events = ['created', 'modified', 'metadata_changed', 'renamed', 'deleted', 'type_changed'] as const;
const rootEvents = ['root_vanished', 'root_back'] as const;

export interface Change {
  readonly v: 1;
  readonly event: (typeof events)[number];
  readonly key: string;
  readonly look: number;
  readonly born: number;
  readonly name: string;
  readonly first: boolean;
  /** When the look was, Unix milliseconds: of what is gone nobody knows more. */
  readonly seen: number;
  readonly now?: Version;
  readonly was?: Version;
  readonly from?: string;
  readonly paired?: 'inode' | 'contents';
  readonly text?: string;
  readonly base64?: string;
  readonly moving?: true;
}

export interface RootChange {
  readonly v: 1;
  readonly event: (typeof rootEvents)[number];
  readonly look: number;
  readonly seen: number;
  readonly same?: boolean;
}

export function encodeRecord(given: Change | RootChange): Buffer {
  return Buffer.from(JSON.stringify(given));
}

/** Null: we did not write it. */
export function decodeRecord(bytes: Uint8Array): Change | RootChange | null {
  const given = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as Change | null;
  if (given?.v !== 1 || typeof given.look !== 'number' || typeof given.seen !== 'number') return null;
  if (rootEvents.some((event) => event === (given.event as string))) return given;
  const isWhole = events.includes(given.event) && typeof given.key === 'string' && typeof given.name === 'string';
  return isWhole && typeof (given.now ?? given.was)?.print === 'string' ? given : null;
}
