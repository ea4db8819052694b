// code: the fields by which code is looked for, one name for all sources that know of code (requirement P9). What the data
// does not have is left out.
import type { Json, JsonObject } from '../../domain/event.js';
import type { EnrichableEvent, Processor } from '../../domain/processor.js';

type Data = EnrichableEvent['data'];

export const code: Processor = {
  name: 'code',
  canProcess: ({ type }) => Object.hasOwn(fieldsOf, type),
  enrich: ({ type, data }) => present({ ...fieldsOf[type]!(data), working_directory: text(data.workingDirectory) }),
};

const fieldsOf: Readonly<Record<string, (data: Data) => Record<string, string | undefined>>> = {
  'git.commit': ({ sha, author }) => ({ code_event_type: 'commit', git_commit: text(sha), git_author: person(author) }),
  'git.file_change': (data) => ({
    code_event_type: `file_${text(data.change) ?? 'modified'}`,
    file_path: text(data.path),
    language: text(data.language),
    git_commit: text(data.commit),
    git_author: person(data.author),
    ...symbol(data.symbols),
  }),
};

/** A change may touch several; the first stands for it, all are in the data. */
function symbol(symbols: Json | undefined): Record<string, string | undefined> {
  const first = Array.isArray(symbols) ? symbols[0] : undefined;
  if (typeof first === 'string') return { symbol_name: text(first) };
  if (typeof first !== 'object' || first === null || Array.isArray(first)) return {};
  return { symbol_name: text(first.name), symbol_type: text(first.type) };
}

/** As git writes a person. */
function person(value: Json | undefined): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return text(value);
  const [name, email] = [text(value.name), text(value.email)];
  return email === undefined ? name : `${name === undefined ? '' : `${name} `}<${email}>`;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function present(fields: Record<string, string | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
