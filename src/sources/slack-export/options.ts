// What a user may say about an export. The path may change: the next export of the same workspace is read under the same id,
// and only what is new of it is stored. So the workspace is the origin, said or found in the first export.
import { existsSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { sourceIdFrom } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { exportLimits } from './limits.js';

const expectedPath = 'expected the absolute path of a zip, or of the folder it was unpacked to';

export const options = z.strictObject({
  path: z
    .string({ error: `is missing or no text; ${expectedPath}` })
    .max(limits.optionCharsMax, `is longer than ${limits.optionCharsMax} characters`)
    .refine((path) => isAbsolute(path) && !path.includes('\0'), {
      error: `is no absolute path, and the worker has another working directory; ${expectedPath}`,
    })
    .describe('the zip that Slack or slackdump made, or the folder it was unpacked to, on the machine of the worker'),
  workspace: z
    .string({ error: 'expected text like T024BE7LD' })
    .regex(/^[TE][A-Z0-9]{1,63}$/, 'is no id of a workspace, expected one like T024BE7LD')
    .optional()
    .describe('the id of the workspace, where the export has members of several and does not say whose it is'),
  channels: z
    .array(z.string({ error: 'expected text like general or C024BE91L' }).min(1, 'is empty'), {
      error: 'expected a list like ["general"]',
    })
    .min(1, 'is empty; expected at least one, like *')
    .max(exportLimits.channelGlobsMax, `has more than ${exportLimits.channelGlobsMax} entries`)
    .default(['*'])
    .describe('names or ids of the channels whose messages are read; * and ? are wildcards'),
});
export type ExportOptions = z.infer<typeof options>;

/** Until an export is read nobody knows whose it is; the state has it then (workspace.ts). */
export function originOf({ workspace }: Pick<ExportOptions, 'workspace'>): string {
  return workspace ?? 'the workspace of its first export';
}

/** `Acme Slack export Jan 1 2024 - Jan 31 2024.zip`, `slackdump_20240131_120000.zip` */
export function defaultIdOf({ path }: Pick<ExportOptions, 'path'>): string {
  const name = basename(path)
    .replace(/\.zip$/i, '')
    .replace(/[ _-]*slack export.*$/i, '')
    .replace(/[_-]\d{8}[_-]?\d{0,6}$/, '');
  return sourceIdFrom(`slack-export/${name === '' ? 'workspace' : name}`);
}

/** By what is in a folder, and by how Slack and slackdump call a zip. */
export function isExport(place: string): boolean {
  if (!isAbsolute(place) || !existsSync(place)) return false;
  if (statSync(place).isDirectory())
    return existsSync(join(place, 'users.json')) && existsSync(join(place, 'channels.json'));
  return /(slack export .*|^slackdump_[\d_]+)\.zip$/i.test(basename(place));
}
