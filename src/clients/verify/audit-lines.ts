// What `tributary verify --deep` says of a source, part by part: those that are as they were read in one line together.
import { amount, counted } from '../terminal/figures.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import type { AuditedPart, OriginAudit } from './origin-audit.js';

/** Lines for parts of a source; `--json` has all. */
const partsTold = 40;

export function tellAudit({ source, parts, unstored, skipped, ok }: OriginAudit, terminal: Terminal): void {
  const { style } = terminal;
  terminal.item({ source, origin: { ok, skipped, unstored, parts } });
  terminal.say(style.bold(`${source}: compared with its origin`));
  if (skipped !== null) return terminal.say(`  ${style.red('FAIL')}  ${skipped}`);
  for (const part of parts.slice(0, partsTold))
    for (const line of partLines(part, source, unstored, terminal)) terminal.say(line);
  if (parts.length > partsTold) terminal.say(style.dim(`        and ${counted(parts.length - partsTold)} more`));
  if (parts.length === 0) terminal.say(style.dim('        nothing was read of it yet'));
}

function partLines(part: AuditedPart, source: string, unstored: number, { style }: Terminal): string[] {
  const left = part.missing - part.repaired;
  const failed = part.differs !== undefined || left > unstored;
  const mark = failed ? style.red('FAIL') : part.there === null ? '    ' : style.green('ok  ');
  return [`  ${mark}  ${printable(part.part)}: ${readText(part)}`, ...reasons(part, source, unstored)];
}

function readText({ there, read, unit, events }: AuditedPart): string {
  const units = unit === 'byte' ? 'bytes' : 'entries';
  if (there === null) return `not there any more; ${counted(read)} ${units} were read of it`;
  const of = events === 0 ? '' : `, ${amount(events, 'event')}`;
  return `${counted(read)} of ${counted(there)} ${units} read${of}`;
}

function reasons(part: AuditedPart, source: string, unstored: number): string[] {
  const { there, read, unit, missing, repaired, differs } = part;
  const left = missing - repaired;
  const lines = differs === undefined ? [] : [differs];
  if (repaired > 0)
    lines.push(
      `${amount(repaired, 'event was', 'events were')} missing and ${repaired === 1 ? 'is' : 'are'} stored now`,
    );
  if (left > unstored)
    lines.push(`${amount(left, 'event is', 'events are')} not in the store${remedy(source, unstored)}`);
  else if (left > 0)
    lines.push(
      `${amount(left, 'event is', 'events are')} not stored for a reason: ${counted(unstored)} wait deferred, are dead letters or were taken out by a stage`,
    );
  if (there !== null && there > read && differs === undefined)
    lines.push(
      `${amount(there - read, unit, unit === 'byte' ? 'bytes' : 'entries')} to be read: \`tributary sync ${source}\``,
    );
  return lines.map((line) => `          ${line}`);
}

function remedy(source: string, unstored: number): string {
  if (unstored === 0) return `: \`tributary verify ${source} --deep --repair\` stores them`;
  return `; ${counted(unstored)} are not for a reason, so nothing is repaired: decide the deferred events and dead letters first`;
}
