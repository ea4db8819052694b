// tributary token create, list, revoke: who may ask the front door. A token is shown once and kept nowhere.
import { z } from 'zod';
import { newToken, scopes, tokenDigest } from '../../domain/access.js';
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { insertAccessToken, listAccessTokens, revokeAccessToken, type AccessToken } from '../../store/access-tokens.js';
import type { Pool } from '../../store/pool.js';
import { endTime } from '../../queries/option-values.js';
import { exitCodes } from '../failure-report.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { shortTime, timeStops } from '../terminal/short-forms.js';
import { table, type Column } from '../terminal/table.js';
import { userName } from '../user-name.js';

const nameForm = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'expected letters, digits, dots, hyphens and underscores, at most 100');
const scopesForm = z.array(z.enum(scopes)).min(1);

export async function createTokenCommand(
  command: Command,
  word: string,
  { scope = ['push'], expires }: { readonly scope?: readonly string[]; readonly expires?: string },
): Promise<number> {
  const name = parseInput(nameForm, word, 'name');
  const given = [...new Set(parseInput(scopesForm, scope, 'scope'))];
  const expiresAt = endTime('expires', expires) ?? null;
  const token = newToken();
  const row = { name, digest: tokenDigest(token), scopes: given, createdBy: userName(), expiresAt };
  const made = await inStore(command, (pool) => insertAccessToken(pool, row));
  if (!made) throw new InvalidInput('name', `there is, or was, a token ${name}; a new one needs a name of its own`);
  const { terminal } = command;
  terminal.item({ name, scopes: given, expiresAt: expiresAt?.toISOString() ?? null, token });
  terminal.say(token);
  terminal.hint(`this is the only time it is shown; give it as the header Authorization: Bearer`);
  return exitCodes.fine;
}

const columns: readonly Column[] = [
  { name: 'name', rank: 1 },
  { name: 'scopes', rank: 2 },
  { name: 'state', rank: 3 },
  { name: 'made', rank: 5, least: 10, stops: timeStops, cut: shortTime },
  { name: 'by', rank: 6 },
  { name: 'expires', rank: 4, least: 10, stops: timeStops, cut: shortTime },
];

export async function listTokensCommand(command: Command): Promise<number> {
  const { terminal } = command;
  const tokens = await inStore(command, (pool) => listAccessTokens(pool));
  for (const token of tokens) terminal.item({ ...token, state: stateOf(token) });
  if (tokens.length === 0) terminal.hint('no tokens; `tributary token create shop` makes one');
  const rows = tokens.map((token) => [
    token.name,
    token.scopes.join(', '),
    stateOf(token),
    token.createdAt.toISOString(),
    token.createdBy,
    token.expiresAt?.toISOString() ?? '-',
  ]);
  if (rows.length > 0) for (const line of table(columns, rows, terminal.columns)) terminal.say(line);
  return exitCodes.fine;
}

function stateOf({ revokedAt, expiresAt }: AccessToken): 'revoked' | 'expired' | 'holds' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt.getTime() <= Date.now() ? 'expired' : 'holds';
}

export async function revokeTokenCommand(command: Command, name: string): Promise<number> {
  const found = await inStore(command, (pool) => revokeAccessToken(pool, name, userName()));
  if (found === undefined)
    throw new InvalidInput('name', 'there is no token of this name; `tributary token list` has them');
  command.terminal.item({ name, outcome: 'revoked', before: found === 'before' });
  command.terminal.say(found === 'before' ? `${name} was revoked before` : `${name} is revoked, within a second`);
  return exitCodes.fine;
}

/** A Postgres alone is enough: the front door needs no more. */
async function inStore<T>(command: Command, work: (pool: Pool) => Promise<T>): Promise<T> {
  return withDatabase(command.config.databaseUrl ?? (await openStack(command)).databaseUrl, work);
}
