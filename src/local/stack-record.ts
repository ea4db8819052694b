// stack.json: what the supervisor says about the stack of a home. Written by the one supervisor, read by everybody.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { homePaths } from './home.js';

const identity = z.object({ pid: z.number().int(), startedAt: z.string() });

const stack = z.object({
  databaseUrl: z.string(),
  temporalAddress: z.string(),
  temporalNamespace: z.string(),
  temporalUi: z.string().nullable(),
  temporalCli: z.string().nullable(),
  /** Null: there is none, or another's. A stack of before says nothing. */
  frontDoor: z.string().nullable().default(null),
  managed: z.enum(['all', 'none']),
});

/** `field` is that of an InvalidInput. */
const trouble = z.object({ code: z.string(), message: z.string(), field: z.string().optional() });
const partName = z.enum(['postgres', 'temporal', 'worker', 'door']);

/** Times a part ended without being told to, since the supervisor started, and the latest of them. */
const ends = z.object({ times: z.number().int(), at: z.string(), how: z.string() });

const record = z.object({
  state: z.enum(['starting', 'ready', 'stopping', 'failed']),
  supervisor: identity,
  /** Lines for people, in order, since the supervisor started. */
  progress: z.array(z.string()),
  failure: trouble.nullable(),
  /** By part: why it could not be started again yet. It is tried for ever. */
  troubles: z.partialRecord(partName, trouble).default({}),
  ends: z.partialRecord(partName, ends).default({}),
  /** By part; a part that is being restarted keeps its last one. */
  processes: z.partialRecord(partName, identity),
  stack: stack.nullable(),
});

/** Where everything answers, and which parts are ours. */
export type Stack = z.infer<typeof stack>;
export type StackRecord = z.infer<typeof record>;
export type Trouble = z.infer<typeof trouble>;
export type Ends = z.infer<typeof ends>;
export type PartName = keyof StackRecord['processes'];

/** Null if there is none, or none that can be read: both mean that no stack is known. */
export function readRecord(home: string): StackRecord | null {
  try {
    return record.parse(JSON.parse(readFileSync(homePaths(home).record, 'utf8')));
  } catch {
    return null;
  }
}

/** Replaced as a whole, so that a reader never sees half of one; private, because the URL holds the password. */
export function writeRecord(home: string, next: StackRecord): void {
  const path = homePaths(home).record;
  writeFileSync(`${path}.new`, JSON.stringify(next, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function removeRecord(home: string): void {
  rmSync(homePaths(home).record, { force: true });
}
