// From a record to its event. The entity is the file, whatever it is called: its first path and the look that found it. Its
// versions are looks, so what is stored and then again as it was before is three versions.
import { isUtf8 } from 'node:buffer';
import type { EventDraft, JsonObject } from '../../domain/event.js';
import type { RawRecord } from '../../domain/source.js';
import { RecordRejected } from '../../domain/source.js';
import { stateKeyBytes } from '../../domain/state-key.js';
import { changedOf } from './changes.js';
import { factsOf, msOf } from './print.js';
import { decodeRecord, type Change, type RootChange, type Version } from './record.js';

export function toEvents(record: RawRecord): readonly EventDraft[] {
  const change = decoded(record);
  return [isOfRoot(change) ? rootEvent(change) : fileEvent(change)];
}

function decoded(record: RawRecord): Change | RootChange {
  let change: Change | RootChange | null = null;
  try {
    change = decodeRecord(record);
  } catch {
    // No JSON is no change either.
  }
  if (change === null)
    throw new RecordRejected('not_a_change', 'the record is no change of a file as this version writes them');
  return change;
}

function isOfRoot(change: Change | RootChange): change is RootChange {
  return change.event === 'root_vanished' || change.event === 'root_back';
}

function rootEvent({ event, look, seen, same }: RootChange): EventDraft {
  return {
    type: `file.${event}`,
    identity: { kind: 'immutable', key: `root:${look}:${event}` },
    time: timeOf(seen),
    subject: '.',
    data: { path: '.', ...(same === undefined ? {} : { same }) },
  };
}

function fileEvent(change: Change): EventDraft {
  const { event, name, born, look, key, from } = change;
  const flags: string[] = [];
  const now = change.now ?? change.was!;
  const path = textOf('path', key, flags);
  const data: JsonObject = {
    ...path,
    ...(from === undefined ? {} : { ...textOf('from', from, flags), paired: change.paired! }),
    ...describe(now, flags),
    ...(event === 'created' && change.first ? { first: true } : {}),
    ...(change.was === undefined || event === 'deleted' ? {} : { changed: changedOf(change.was, now), previous: describe(change.was, []) }), // prettier-ignore
    ...(change.text === undefined ? {} : { content: change.text }),
    ...(change.base64 === undefined ? {} : { contentBase64: change.base64 }),
  };
  if (change.moving === true) flags.push('still_written');
  const time = timeOf(msAt(change, now));
  if (time === undefined) flags.push('time_out_of_range');
  return {
    type: `file.${event}`,
    identity: { kind: 'versioned', key: `${name}#${born}`, version: String(look), deleted: event === 'deleted' },
    ...(time === undefined ? {} : { time }),
    subject: path.path,
    flags,
    data,
  };
}

/** Of a new one when it was made, of others when it was last changed, as the file system has it; of what is gone when we looked. */
function msAt({ event, seen }: Change, { print }: Version): number {
  const { birthNs, ctimeNs } = factsOf(print);
  if (event === 'deleted') return seen;
  const ns = event === 'created' && birthNs !== '0' ? birthNs : ctimeNs;
  // Of folders and the like nothing but their birth is told.
  return ns === '0' ? seen : msOf(ns);
}

function describe({ print, sha256, target, unreadable }: Version, flags: string[]): JsonObject {
  const { letter, type, size, mtimeNs, mode, uid, gid } = factsOf(print);
  if (unreadable !== undefined) flags.push('unreadable');
  else if (letter === 'f' && sha256 === null) flags.push('too_large');
  return {
    type,
    ...(letter === 'f' ? { size, mtime: timeOf(msOf(mtimeNs)) ?? null, sha256 } : {}),
    ...(target === undefined ? {} : textOf('target', target, flags)),
    mode,
    uid,
    gid,
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

/** Bytes that are no text read U+FFFD, and stand beside it. */
function textOf<Name extends string>(name: Name, key: string, flags: string[]): Record<Name, string> {
  // Only with an escape is a key other than its text.
  if (!key.includes('\\x')) return { [name]: key } as Record<Name, string>;
  const bytes = stateKeyBytes(key);
  if (isUtf8(bytes)) return { [name]: bytes.toString() } as Record<Name, string>;
  if (!flags.includes('not_utf8')) flags.push('not_utf8');
  return { [name]: bytes.toString(), [`${name}Bytes`]: bytes.toString('base64') } as Record<Name, string>;
}

/** What a calendar can hold. */
const [earliestMs, latestMs] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T00:00:00Z')];

function timeOf(ms: number): string | undefined {
  return ms > earliestMs && ms < latestMs ? new Date(ms).toISOString() : undefined;
}
