// tributary verify: the promise, proved or not, from the database alone.
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { findOriginGaps, type OriginGaps } from '../../store/origin-gaps.js';
import type { Pool } from '../../store/pool.js';
import { verifySources, type SourceProof } from '../../store/verify.js';
import { contentCheck } from '../content-check.js';
import { exitCodes } from '../failure-report.js';
import { counted, duration } from '../figures.js';
import { openStack, withDatabase, type Command } from '../stack-access.js';
import type { Terminal } from '../terminal.js';

/** Joins over all events; Postgres does about a million a second of each. */
const statementTimeoutMs = 30 * 60_000;

export async function verifyCommand(command: Command, id: string | undefined, contents: boolean): Promise<number> {
  const source = id === undefined ? null : parseInput(sourceIdSchema, id, 'source');
  const { terminal } = command;
  const { databaseUrl } = await openStack(command);
  const startedAtMs = Date.now();
  const check = contents ? contentCheck() : null;
  const proved = await withDatabase(databaseUrl, (pool) => prove(pool, source, check), statementTimeoutMs);
  if (proved.length === 0 && source !== null) throw new InvalidInput('source', `no source ${source} is known; \`tributary status\` lists them`);
  for (const proof of proved) tell(proof, terminal);
  return conclude(proved, contents, Date.now() - startedAtMs, terminal);
}

type Proved = SourceProof & Pick<OriginGaps, 'problems' | 'incomplete'> & { readonly incompleteSince: Date | null };

/** With what the origin itself could not give: that is no fault of the store, and a reader of a proof wants to know it. */
async function prove(pool: Pool, source: string | null, check: Parameters<typeof verifySources>[2]): Promise<Proved[]> {
  const proved: Proved[] = [];
  for (const proof of await verifySources(pool, source, check)) {
    const { problems, incomplete, since } = await findOriginGaps(pool, proof.source);
    proved.push({ ...proof, problems, incomplete, incompleteSince: since });
  }
  return proved;
}

function tell(proof: Proved, terminal: Terminal): void {
  const { style } = terminal;
  terminal.item(proof);
  terminal.say(style.bold(`${proof.source}: ${counted(proof.events)} events in ${counted(proof.pages)} pages`));
  for (const { name, found, unit } of proof.invariants) {
    terminal.say(found === 0 ? `  ${style.green('ok  ')}  ${name}` : `  ${style.red('FAIL')}  ${name}: ${counted(found)} ${unit}`);
  }
  for (const line of gapLines(proof)) terminal.say(`  ${line}`);
}

function gapLines({ problems, incomplete, incompleteSince }: Proved): string[] {
  const events = incomplete === 0 ? [] : [`the origin lacks objects: ${counted(incomplete)} events since ${incompleteSince?.toISOString()} are flagged missing_object`];
  return [...problems.map(({ message, since }) => `the origin lacks, since ${since}: ${message}`), ...events];
}

const figures = ['events', 'lost', 'doubled', 'invented', 'altered'] as const;

function conclude(proved: readonly SourceProof[], contents: boolean, tookMs: number, terminal: Terminal): number {
  const ok = proved.every((proof) => proof.ok);
  const totals = Object.fromEntries(figures.map((figure) => [figure, proved.reduce((sum, proof) => sum + proof[figure], 0)]));
  terminal.item({ ok, sources: proved.length, ...totals, contents, took_ms: tookMs });
  const text = figures.map((figure) => `${figure} ${counted(totals[figure] ?? 0)}`).join(', ');
  terminal.say(`${ok ? 'proved' : 'NOT proved'}: ${text} (${proved.length} sources, ${duration(tookMs)}${contents ? '' : ', contents not read'})`);
  return ok ? exitCodes.fine : exitCodes.failed;
}
