// A file of signed lines, each with where every chain ended at a time. Kept where the database's administrators cannot
// write, it makes a history visible that was written anew from one end to the other: the chain alone cannot.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical-json.js';
import { NeedsAttention } from '../../domain/errors.js';
import type { ChainHead } from '../../store/proving/links.js';

const headSchema = z.object({
  source: z.string(),
  // Below 0 of the chain beside the pages.
  links: z
    .number()
    .int()
    .refine((links) => links !== 0),
  chain: z.string().regex(/^[0-9a-f]{64}$/),
});
const lineSchema = z.object({ time: z.iso.datetime(), heads: z.array(headSchema), signature: z.string() });

export type AnchorLine = z.infer<typeof lineSchema>;

/** Lines of the file, none when there is no file. Throws NeedsAttention that names the line which is not what was signed. */
export async function readAnchor(path: string, key: string): Promise<AnchorLine[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new NeedsAttention('anchor_unreadable', `the anchor ${path} cannot be read: ${error.message}`);
  });
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, at) => {
    const parsed = lineSchema.safeParse(parsedOr(line));
    if (parsed.success && isSigned(parsed.data, key)) return parsed.data;
    const what = parsed.success ? 'was not signed with this key, or was changed since' : 'is no line of an anchor';
    throw new NeedsAttention(
      'anchor_changed',
      `line ${at + 1} of the anchor ${path} ${what}; compare the file with a copy of it`,
    );
  });
}

/** Adds a line, unless the last one says the same. On disk when it returns. */
export async function extendAnchor(
  path: string,
  key: string,
  lines: readonly AnchorLine[],
  heads: readonly ChainHead[],
  now: Date,
): Promise<boolean> {
  const last = lines.at(-1);
  if (heads.length === 0 || (last !== undefined && canonicalJson(covered(last)) === canonicalJson(covered({ heads }))))
    return false;
  const unsigned = { time: now.toISOString(), heads: [...heads] };
  const file = await open(path, 'a', 0o600).catch((error: Error) => {
    throw new NeedsAttention('anchor_unwritable', `no line can be added to the anchor ${path}: ${error.message}`);
  });
  try {
    // Some editors and copies take the last line's end away: this line would be the rest of that one.
    const begin = (await endsItsLine(path)) ? '' : '\n';
    await file.write(`${begin}${canonicalJson({ ...unsigned, signature: sign(unsigned, key) })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

async function endsItsLine(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8');
  return text === '' || text.endsWith('\n');
}

function covered({ heads }: { readonly heads: readonly ChainHead[] }): unknown {
  return heads.map(({ source, links, chain }) => [source, links, chain]);
}

/** HMAC-SHA256 over the line without its signature, in canonical JSON. */
function sign({ time, heads }: Omit<AnchorLine, 'signature'>, key: string): string {
  return createHmac('sha256', key).update(canonicalJson({ time, heads })).digest('base64');
}

function isSigned(line: AnchorLine, key: string): boolean {
  const [expected, found] = [Buffer.from(sign(line, key)), Buffer.from(line.signature)];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

function parsedOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
