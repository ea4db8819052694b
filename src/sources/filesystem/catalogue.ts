// The event types of a tree: what a line says of each, and the columns of their views.
import type { EventFacts, EventType, ViewColumn } from '../../domain/catalogue.js';

function column(name: string, type: ViewColumn['type'], path = name): ViewColumn {
  return { name, type, path };
}

const entry = [
  column('path', 'text'),
  column('type', 'text'),
  column('size', 'bigint'),
  column('mtime', 'timestamptz'),
  column('sha256', 'text'),
  column('mode', 'text'),
  column('uid', 'bigint'),
  column('gid', 'bigint'),
];

const difference = [
  column('changed', 'jsonb'),
  column('previous_size', 'bigint', 'previous.size'),
  column('previous_sha256', 'text', 'previous.sha256'),
];

export const eventTypes: readonly EventType[] = [
  file('created', 'a file, a folder or a link that is new', [column('target', 'text'), column('first', 'boolean')]),
  file('modified', 'other contents, or a link that points elsewhere', [column('target', 'text'), ...difference]),
  file('metadata_changed', 'the same contents with another mode, owner, group or time', difference),
  file('renamed', 'the same file under another path', [column('from_path', 'text', 'from'), column('paired', 'text'), ...difference]), // prettier-ignore
  file('deleted', 'a file, a folder or a link that is gone, and what it last was', []),
  file('type_changed', 'a path that is something else now', [column('previous_type', 'text', 'previous.type')]),
  root('root_vanished', 'the folder itself is not there; nothing is told deleted'),
  root('root_back', 'the folder itself is there again'),
];

function file(name: string, summary: string, columns: readonly ViewColumn[]): EventType {
  return {
    type: `file.${name}`,
    summary,
    stability: 'stable',
    about,
    embed: ['path'],
    filters: { path: true },
    code: ({ path, type }) =>
      type === 'file' && typeof path === 'string' ? { code_event_type: `file_${name}`, file_path: path } : {},
    view: { name: `filesystem_${name}`, columns: [...entry, ...columns] },
  };
}

function root(name: string, summary: string): EventType {
  return { type: `file.${name}`, summary, stability: 'stable', words: false, embed: [] };
}

function about({ data }: EventFacts): string | null {
  const { type, size, from, changed, target } = data;
  if (typeof from === 'string') return `was ${from}`;
  if (Array.isArray(changed) && changed.length > 0) return changed.filter((one) => typeof one === 'string').join(', ');
  if (typeof target === 'string') return `a link to ${target}`;
  if (typeof size === 'number') return `${size} bytes`;
  return typeof type === 'string' ? type.replace('_', ' ') : null;
}
