// tributary verify: the promise, proved or not, from the database alone; and what an anchor outside of it says.
import { resolveSecret } from '../../secrets.js';
import { InvalidInput } from '../../domain/errors.js';
import { installed } from '../../extensions/installed.js';
import type { SourceRegistry } from '../../sources/index.js';
import { listGoingSources } from '../../store/sources.js';
import { findUnknownHeads, type ChainHead } from '../../store/proving/links.js';
import { findOriginGaps, type OriginGaps } from '../../store/reading/origin-gaps.js';
import type { Pool } from '../../store/pool.js';
import { verifySources, type Invariant, type SourceProof } from '../../store/proving/verify.js';
import { extendAnchor, readAnchor, type AnchorLine } from '../verify/anchor.js';
import { auditCommand } from '../verify/audit-command.js';
import { contentCheck } from '../verify/content-check.js';
import { exitCodes } from '../failure-report.js';
import { amount, counted, duration, standingText } from '../terminal/figures.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { sentenceLines } from '../terminal/text-width.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import { checkComparable } from '../verify/origin-audit.js';
import { momentOf, wantedOf, type VerifyChoice, type VerifyWanted } from '../verify/verify-choice.js';
import { verifyProgress } from '../verify/verify-progress.js';

/** Joins over all events; Postgres does about a million a second of each. */
const statementTimeoutMs = 30 * 60_000;

export async function verifyCommand(command: Command, id: string | undefined, choice: VerifyChoice): Promise<number> {
  const wanted = wantedOf(id, choice);
  const key = wanted.anchor === null ? '' : await resolveSecret(wanted.anchor.key);
  const lines = wanted.anchor === null ? [] : await readAnchor(wanted.anchor.path, key);
  const { databaseUrl } = await openStack(command);
  const here = await installed(command.config);
  return withDatabase(
    databaseUrl,
    async (pool) => {
      if (wanted.deep !== null) await checkComparable({ pool, registry: here.registry }, wanted.source);
      const code = await verify(pool, { ...wanted, registry: here.registry }, { key, lines }, command.terminal);
      if (wanted.deep === null) return code;
      const same = await auditCommand({ command, pool, databaseUrl, here }, wanted.source, wanted.deep);
      return same ? code : exitCodes.attention;
    },
    statementTimeoutMs,
  );
}

interface Anchor {
  readonly key: string;
  readonly lines: readonly AnchorLine[];
}

/** With the source types there are here, whose rules the contents were hashed by. */
interface Wanted extends VerifyWanted {
  readonly registry: SourceRegistry;
}

async function verify(pool: Pool, wanted: Wanted, anchor: Anchor, terminal: Terminal): Promise<number> {
  const startedAtMs = Date.now();
  const proved = await prove(pool, wanted, terminal);
  const going = (await listGoingSources(pool)).filter((id) => (wanted.source ?? id) === id);
  if (proved.length === 0 && wanted.source !== null && going.length === 0) {
    throw new InvalidInput('source', `no source ${wanted.source} is known; \`tributary status\` lists them`);
  }
  for (const proof of proved) tell(proof, terminal);
  for (const source of going) tellGoing(source, terminal);
  const unknown = await findUnknownHeads(
    pool,
    anchor.lines.flatMap(({ heads, time }) => heads.map((head) => ({ ...head, anchoredAt: time }))),
  );
  const missing = unknown.filter(({ removedAt }) => removedAt === null);
  const removed = new Map(
    unknown.flatMap(({ source, removedAt }) => (removedAt === null ? [] : [[source, removedAt]])),
  );
  const ok = proved.every((proof) => proof.ok) && missing.length === 0;
  if (wanted.anchor !== null) await tellAnchor(wanted.anchor.path, anchor, { proved, missing, removed, ok }, terminal);
  conclude(proved, ok, { isQuick: wanted.isQuick, tookMs: Date.now() - startedAtMs }, terminal);
  return ok ? exitCodes.fine : exitCodes.attention;
}

type Proved = SourceProof & Pick<OriginGaps, 'problems' | 'incomplete'> & { readonly incompleteSince: Date | null };

/** With what the origin itself could not give: that is no fault of the store, and a reader of a proof wants to know it. */
async function prove(pool: Pool, wanted: Wanted, terminal: Terminal): Promise<Proved[]> {
  const proved: Proved[] = [];
  for (const proof of await proofsOf(pool, wanted, terminal)) {
    const { problems, incomplete, since } = await findOriginGaps(pool, proof.source);
    proved.push({ ...proof, problems, incomplete, incompleteSince: since });
  }
  return proved;
}

async function proofsOf(pool: Pool, wanted: Wanted, terminal: Terminal): Promise<SourceProof[]> {
  const progress = verifyProgress(terminal);
  try {
    const since = await momentOf(pool, wanted);
    const contents = wanted.isQuick ? null : contentCheck(wanted.registry);
    return await verifySources(pool, {
      source: wanted.source,
      since,
      contents,
      onProgress: (what, read) => progress.show(what, read),
    });
  } finally {
    progress.end();
  }
}

function tell(proof: Proved, terminal: Terminal): void {
  const { style } = terminal;
  terminal.item(proof);
  terminal.say(style.bold(`${proof.source}: ${amount(proof.events, 'event')} in ${amount(proof.pages, 'page')}`));
  for (const line of indented(2, standingText(proof.figures), terminal)) terminal.say(style.dim(line));
  for (const invariant of proof.invariants) tellInvariant(invariant, terminal);
  const { pagesBefore, firstPage } = proof.chain;
  if (pagesBefore > 0) {
    const from = firstPage === null ? 'with the next page' : `at page ${firstPage}`;
    terminal.say(
      style.dim(
        `        the chain of digests begins ${from}: of the ${amount(pagesBefore, 'page')} before it only counts and content hashes are proved`,
      ),
    );
  }
  for (const line of gapLines(proof)) terminal.say(`  ${line}`);
}

function tellGoing(source: string, terminal: Terminal): void {
  terminal.item({ source, removal: 'delete' });
  terminal.say(`${terminal.style.bold(source)}: is being removed with its events, and was not looked at`);
}

function gapLines({ problems, incomplete, incompleteSince }: Proved): string[] {
  const events =
    incomplete === 0
      ? []
      : [
          `the origin lacks objects: ${amount(incomplete, 'event is', 'events are')} flagged missing_object, since ${incompleteSince?.toISOString()}`,
        ];
  return [...problems.map(({ message, since }) => `the origin lacks, since ${since}: ${message}`), ...events];
}

function tellInvariant({ name, found, unit, places }: Invariant, terminal: Terminal): void {
  const { style } = terminal;
  const ok = found === 0;
  const [first, ...rest] = indented(8, ok ? name : `${name}: ${counted(found)} ${unit}`, terminal);
  terminal.say(`  ${ok ? style.green('ok  ') : style.red('FAIL')}${first!.slice(6)}`);
  for (const line of rest) terminal.say(line);
  for (const { page, row } of places)
    terminal.say(`          ${page === null ? '' : `page ${page}, `}${printable(row)}`);
  if (places.length < found && places.length > 1) terminal.say(style.dim('          and more'));
}

function indented(cells: number, text: string, { columns }: Terminal): string[] {
  const room = columns === null ? null : Math.max(1, columns - cells);
  return sentenceLines(text, room).map((line) => ' '.repeat(cells) + line);
}

interface Anchored {
  readonly proved: readonly SourceProof[];
  readonly missing: readonly ChainHead[];
  /** Sources that a person removed since a line was written, and when. */
  readonly removed: ReadonlyMap<string, Date>;
  readonly ok: boolean;
}

/** Adds a line when all is proved: an anchor over a damaged store would make the damage look proved. */
async function tellAnchor(
  path: string,
  { key, lines }: Anchor,
  { proved, missing, removed, ok }: Anchored,
  terminal: Terminal,
): Promise<void> {
  const heads = proved.flatMap(({ source, chain: { links, chain, express } }) => [
    ...(chain === null ? [] : [{ source, links, chain }]),
    ...(express === null ? [] : [{ source, ...express }]),
  ]);
  const isExtended = ok && (await extendAnchor(path, key, lines, heads, new Date()));
  terminal.item({
    anchor: path,
    lines: lines.length,
    unknown: missing,
    removed: [...removed.keys()],
    extended: isExtended,
  });
  const { style } = terminal;
  terminal.say(
    style.bold(`${printable(path)}: ${amount(lines.length, 'signed line')}${isExtended ? ', one added' : ''}`),
  );
  for (const [source, at] of removed)
    terminal.say(`        ${source} was removed with its events at ${at.toISOString()}: its chain is gone with them`);
  if (missing.length === 0)
    return terminal.say(`  ${style.green('ok  ')}  every chain goes on from where the lines say it was`);
  terminal.say(
    `  ${style.red('FAIL')}  every chain goes on from where the lines say it was: history was written anew or taken away`,
  );
  for (const { source, links } of missing) terminal.say(`          ${source}, link ${links}`);
}

const figures = ['events', 'lost', 'doubled', 'invented', 'altered'] as const;

function conclude(
  proved: readonly SourceProof[],
  ok: boolean,
  { isQuick, tookMs }: { isQuick: boolean; tookMs: number },
  terminal: Terminal,
): void {
  const totals = Object.fromEntries(
    figures.map((figure) => [figure, proved.reduce((sum, proof) => sum + proof[figure], 0)]),
  );
  terminal.item({ ok, sources: proved.length, ...totals, contents: !isQuick, took_ms: tookMs });
  const text = figures.map((figure) => `${figure} ${counted(totals[figure] ?? 0)}`).join(', ');
  terminal.say(
    `${ok ? 'proved' : 'NOT proved'}: ${text} (${amount(proved.length, 'source')}, ${duration(tookMs)}${isQuick ? ', events not read' : ''})`,
  );
}
