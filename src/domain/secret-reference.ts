// A secret is named, never given: inputs, rows, histories and logs hold the name, and only an activity reads what it names.
import { z } from 'zod';

const expected =
  'expected env:TRIBUTARY_SECRET_NAME, or file:NAME of a file in the folder of secrets; the secret itself is never given';

/**
 * Of a source, whose options anybody may write who may start a sync: only names that were meant to be read so. Any variable
 * or path would let such a person send DATABASE_URL or a private key to a server of theirs.
 */
export const secretReference = z
  .string({ error: expected })
  .max(255, 'is longer than 255 characters')
  .regex(/^(env:TRIBUTARY_SECRET_[A-Za-z0-9_]+|file:(?!\.)[A-Za-z0-9._-]+)$/, expected);

/** One word of plain characters, as headers and passwords take them: a line feed would begin another header. */
export function isSecret(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** Of the environment, which whoever runs the worker writes: any variable, any file. */
export const operatorReference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'expected env:NAME or file:PATH, which the key is read from');
