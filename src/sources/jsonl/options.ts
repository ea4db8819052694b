// What a source of records of files is told: which files, of which form, and where in a record the fields of its event are.
import { basename } from 'node:path';
import { z } from 'zod';
import { sourceIdFrom } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { pointer } from './pointer.js';

/** What names a thing may take several fields: an order's number and its line. */
const keyFieldsMax = 8;

const key = z.union([pointer, z.array(pointer).min(1).max(keyFieldsMax)]);

/** A text that begins with a slash is a pointer, any other the type itself. */
const typeOrPointer = z
  .string()
  .min(1)
  .max(limits.eventTypeCharsMax)
  .refine(
    (text) => !text.startsWith('/') || pointer.safeParse(text).success,
    'is no JSON pointer; expected one like /kind, or a type like acme.order',
  );

/** Standard input, which the command reads and no worker can. */
export const standardInput = '-';

export const options = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .max(limits.optionCharsMax)
      .refine(
        (path) => path === standardInput || path.startsWith('/'),
        'expected an absolute path or glob, or - for standard input',
      )
      .describe('a file, a glob, or - for standard input'),
    format: z
      .enum(['auto', 'cloudevents', 'json', 'csv'])
      .default('auto')
      .describe('auto: csv by its name, else lines of JSON, of which those with specversion 1.0 are CloudEvents'),
    delimiter: z
      .string()
      .length(1)
      .refine((sign) => !'"\r\n'.includes(sign) && sign < '\u0080', 'expected one sign of ASCII, no quote or line end')
      .optional()
      .describe('between the fields of CSV; a comma, or a tab in what is called .tsv'),
    id: key.optional().describe('where the id of a record is, by JSON pointer; several: all of them make it'),
    type: typeOrPointer.optional().describe('where its type is, by JSON pointer; or the type of all (acme.order)'),
    time: pointer.optional().describe('where its time is'),
    timeUnit: z.enum(['s', 'ms', 'us', 'ns']).optional().describe('of times that are numbers since 1970'),
    timeZone: z
      .string()
      .regex(/^(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/, 'expected Z or an offset like +02:00')
      .optional()
      .describe('of times that name none: Z, +02:00'),
    subject: pointer.optional().describe('where its subject is'),
    priority: pointer.optional().describe('where its priority is: 1 to 4, or low, normal, high, critical'),
    entity: key.optional().describe('where it says what it is a version of; with version'),
    version: pointer.optional().describe('where its version is; with entity'),
    versionOrder: z
      .enum(['number', 'time', 'text'])
      .default('number')
      .describe('how versions follow each other; text: by its bytes'),
  })
  .superRefine(({ id, entity, version }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (entity !== undefined && version === undefined) refuse('version', 'is missing; expected it with entity');
    if (entity === undefined && version !== undefined) refuse('entity', 'is missing; expected it with version');
    if (entity !== undefined && id !== undefined)
      refuse('id', 'is given beside entity and version, which are the identity; expected one of the two');
  });

export type JsonlOptions = z.infer<typeof options>;

/** Stored versions keep their order, so it cannot be changed for a source. */
export function originOf({ path, versionOrder }: Pick<JsonlOptions, 'path' | 'versionOrder'>): string {
  return versionOrder === 'number' ? path : `${path}, versions by ${versionOrder}`;
}

export function defaultIdOf({ path }: Pick<JsonlOptions, 'path'>): string {
  return path === standardInput ? 'jsonl/stdin' : sourceIdFrom(`jsonl/${basename(path)}`);
}

const csvName = /\.(csv|tsv|tab)(\.[a-z0-9]+)*$/i;

export function isCsv({ path, format }: Pick<JsonlOptions, 'path' | 'format'>): boolean {
  return format === 'csv' || (format === 'auto' && csvName.test(path));
}

export function delimiterOf({ path, delimiter }: Pick<JsonlOptions, 'path' | 'delimiter'>): string {
  return delimiter ?? (/\.(tsv|tab)(\.[a-z0-9]+)*$/i.test(path) ? '\t' : ',');
}
