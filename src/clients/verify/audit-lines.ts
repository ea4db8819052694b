// What `tributary verify --deep` says of a source, part by part: those that are as they were read in one line together.
import { amount, counted } from '../terminal/figures.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import type { AuditedPart, OriginAudit } from './origin-audit.js';

/** Lines for parts of a source; `--json` has all. */
const partsTold = 40;

export function tellAudit(audit: OriginAudit, terminal: Terminal): void {
  const { style } = terminal;
  const { source, parts, skipped, ...facts } = audit;
  terminal.item({ source, origin: { ...facts, skipped, parts } });
  terminal.say(style.bold(`${source}: compared with its origin`));
  if (skipped !== null) return terminal.say(`  ${style.red('FAIL')}  ${skipped}`);
  for (const part of parts.slice(0, partsTold))
    for (const line of partLines(part, audit, terminal)) terminal.hint(line);
  if (parts.length > partsTold) terminal.say(style.dim(`        and ${counted(parts.length - partsTold)} more`));
  if (parts.length === 0) terminal.say(style.dim('        nothing was read of it yet'));
}

function partLines(part: AuditedPart, audit: OriginAudit, { style }: Terminal): string[] {
  const failed = part.differs !== undefined || (leftOf(part) > 0 && !audit.explained);
  const mark = failed ? style.red('FAIL') : part.there === null ? '    ' : style.green('ok  ');
  return [`  ${mark}  ${printable(part.part)}: ${readText(part)}`, ...reasons(part, audit)];
}

function leftOf({ missing, repaired }: AuditedPart): number {
  return missing - repaired;
}

function readText({ there, read, unit, events }: AuditedPart): string {
  if (there === null) return `not there any more; ${units(read, unit)} were read of it`;
  const of = events === 0 ? '' : `, ${amount(events, 'event')}`;
  return `${counted(read)} of ${units(there, unit)} read${of}`;
}

function units(count: number, unit: AuditedPart['unit']): string {
  return amount(count, unit, unit === 'byte' ? 'bytes' : 'entries');
}

function reasons(part: AuditedPart, audit: OriginAudit): string[] {
  const { there, read, unit, repaired, differs } = part;
  const left = leftOf(part);
  return [
    ...(differs === undefined ? [] : [differs]),
    ...(repaired === 0
      ? []
      : [`${amount(repaired, 'event was', 'events were')} missing and ${repaired === 1 ? 'is' : 'are'} stored now`]),
    ...(left === 0 ? [] : [`${amount(left, 'event is', 'events are')} not ${why(audit)}`]),
    ...(there === null || there <= read || differs !== undefined
      ? []
      : [`${units(there - read, unit)} to be read: \`tributary sync ${audit.source}\``]),
  ].map((line) => `          ${line}`);
}

function why({ source, unstored, readOtherwise, explained }: OriginAudit): string {
  if (explained)
    return `stored for a reason: ${counted(unstored)} wait deferred, are dead letters or were taken out by a stage`;
  if (readOtherwise)
    return 'in the store; options changed since some of it was read, so others may stand for them, and nothing is repaired';
  if (unstored > 0)
    return `in the store; ${counted(unstored)} are not for a reason, so nothing is repaired: decide the deferred events and dead letters first`;
  return `in the store: \`tributary verify ${source} --deep --repair\` stores them`;
}
