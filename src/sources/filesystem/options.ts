// What a user may say about a tree.
import { basename, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { sourceIdFrom } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { pathGlobProblem, pathGlobsMax } from '../path-globs.js';
import { treeLimits } from './limits.js';

const expectedRoot = 'expected the absolute path of a folder, on the machine of the worker';

const globs = z
  .array(
    z.string({ error: 'expected text like src/**/*.ts' }).superRefine((glob, context) => {
      const message = pathGlobProblem(glob);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
    { error: 'expected a list like ["src/**"]' },
  )
  .max(pathGlobsMax, `has more than ${pathGlobsMax} entries`)
  .default([]);

const yesOrNo = z.boolean({ error: 'expected true or false' });

function count(max: number, min = 0) {
  return z
    .int({ error: 'expected a whole number' })
    .min(min, `expected at least ${min}`)
    .max(max, `expected at most ${max}`);
}

export const options = z.strictObject({
  root: z
    .string({ error: `is missing or no text; ${expectedRoot}` })
    .max(limits.optionCharsMax, `is longer than ${limits.optionCharsMax} characters`)
    .refine((path) => isAbsolute(path) && !path.includes('\0'), `is no absolute path; ${expectedRoot}`)
    .describe('the folder whose tree is followed'),
  include: globs.describe('paths that are looked at, all without it'),
  exclude: globs.describe('paths that are not'),
  gitignore: yesOrNo
    .default(true)
    .describe('what .gitignore files below the root leave out is left out, and so are folders named .git'),
  oneDevice: yesOrNo.default(false).describe('folders on which another file system begins are not looked into'),
  hashBytesMax: count(treeLimits.hashBytesMax)
    .default(treeLimits.hashBytesDefault)
    .describe('files of more bytes are not read: they are told by size and times alone'),
  contents: yesOrNo.default(false).describe('events bring what is in the file'),
  contentBytesMax: count(treeLimits.contentBytesMax, 1)
    .default(treeLimits.contentBytesDefault)
    .describe('with contents: files of more bytes come without'),
  settleMs: count(600_000)
    .default(2_000)
    .describe('a file that changed less than this ago is still being written, and is waited for; milliseconds'),
  rehashHours: count(87_600, 1)
    .optional()
    .describe('files are read again after so long although nothing moved, for file systems whose times do not tell'),
});
export type TreeOptions = z.infer<typeof options>;

export function originOf({ root }: Pick<TreeOptions, 'root'>): string {
  return resolve(root);
}

export function defaultIdOf({ root }: Pick<TreeOptions, 'root'>): string {
  return sourceIdFrom(`files/${basename(resolve(root))}`);
}
