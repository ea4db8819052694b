// What a user may say about a log. Formats and zones are checked by compiling them, so that a mistake is told before reading.
import { isAbsolute, normalize } from 'node:path';
import { basename } from 'node:path';
import { z } from 'zod';
import { isEngineError } from '../../domain/errors.js';
import { sourceIdFrom } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { logFormatOf } from './formats/index.js';
import { secretNames } from './masking.js';

/** Entries of one list. */
const listMax = 100;
const statusForm = /^[1-9](\d\d|xx)(-[1-9]\d\d)?$/i;

const list = (what: string, form: z.ZodString) =>
  z.array(form, { error: `expected a list like ${what}` }).max(listMax, `has more than ${listMax} entries`);

export const options = z
  .strictObject({
    path: z
      .string({ error: 'is missing or no text; expected an absolute path or a pattern like /var/log/nginx/*.log' })
      .min(1, 'is empty; expected an absolute path or a pattern like /var/log/nginx/*.log')
      .max(limits.optionCharsMax, `is longer than ${limits.optionCharsMax} characters`)
      .refine((path) => !path.includes('\0'), 'holds a NUL, which no path can')
      .refine(isAbsolute, 'is a relative path, and the worker has another working directory; expected an absolute path')
      .describe('the log: a path, or a pattern with *, ? and **. What rotation makes of it is found by itself'),
    format: z
      .string({ error: 'expected text: auto, the name of a format, or a log_format or LogFormat as it is configured' })
      .default('auto')
      .describe('auto, the name of a format, or a log_format of nginx or a LogFormat of Apache as it is configured'),
    timeZone: z
      .string({ error: 'expected text like Europe/Berlin' })
      .default('UTC')
      .describe('of times that tell none: UTC, +02:00, Europe/Berlin'),
    status: list('["5xx","404"]', z.string().regex(statusForm, 'expected a status like 404, 5xx or 400-499'))
      .default([])
      .describe('of which statuses requests become events: 404, 5xx, 400-499. Without it all'),
    method: list('["POST"]', z.string().min(1).max(100)).default([]).describe('of which methods. Without it all'),
    endpoint: list('["/api/*"]', z.string().min(1).max(limits.searchPathCharsMax))
      .default([])
      .describe('of which paths: * is any text, also across slashes, ? one character. Without it all'),
    maskQuery: list('["token"]', z.string().min(1).max(100))
      .default([...secretNames])
      .describe('names of query values that are replaced before anything is hashed or stored; * stands for all names'),
    maskAddresses: z
      .enum(['none', 'network', 'all'], { error: 'expected none, network or all' })
      .default('none')
      .describe('addresses before anything is hashed or stored: as they are, their network alone (/24, /48), or none'),
  })
  .superRefine(({ format, timeZone }, context) => {
    try {
      logFormatOf(format, timeZone);
    } catch (error) {
      if (!isEngineError(error) || error.next !== 'refuse') throw error;
      const message = error.message.slice(error.field.length + 2);
      context.addIssue({ code: 'custom', path: [error.field], message });
    }
  });
export type ApiLogOptions = z.infer<typeof options>;

export function originOf({ path }: Pick<ApiLogOptions, 'path'>): string {
  return normalize(path);
}

/** `/var/log/nginx/access.log` is nginx/access.log. */
export function defaultIdOf({ path }: Pick<ApiLogOptions, 'path'>): string {
  const parts = normalize(path)
    .split('/')
    .filter((part) => part !== '');
  return sourceIdFrom(parts.slice(-2).join('/') || basename(path));
}
