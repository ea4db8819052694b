// A dead letter in words: all that is kept of it, and what can be done about it.
import { letterName } from '../../domain/letter-key.js';
import { limits } from '../../limits.js';
import type { DeadLetter } from '../../store/reading/search-dead-letters.js';
import { amount, duration } from '../terminal/figures.js';
import { safeBytes } from '../terminal/safe-bytes.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import { pasteable } from '../terminal/own-command.js';

export function letterLines(letter: DeadLetter, { style }: Terminal): string[] {
  const name = letterName(letter);
  return [
    style.bold(`${name}  ${letter.state}`),
    ...factLines(letter),
    ...block('event', jsonText(eventOf(letter))),
    ...block('context', Object.keys(letter.context).length === 0 ? null : jsonText(letter.context)),
    ...rawLines(letter),
    '',
    ...nextLines(letter, name),
  ];
}

function factLines(letter: DeadLetter): string[] {
  const {
    source,
    stage,
    code,
    error,
    deadAt,
    deaths,
    epoch,
    page,
    ordinal,
    runId,
    part,
    processed,
    earlierLetter,
    decisions,
  } = letter;
  const facts: (readonly [string, string] | null)[] = [
    ['stage', processed.length === 0 ? stage : `${stage}, after ${processed.join(', ')}`],
    ['code', code],
    ['error', error],
    ['died', `${whenText(deadAt)}${deaths === 1 ? '' : `, for the ${nth(deaths)} time`}`],
    [
      'from',
      `page ${page} of epoch ${epoch}, ordinal ${ordinal}${part === null ? '' : `, event ${part + 1} of its record`}${runId === null ? '' : `, run ${runId}`}`,
    ],
    earlierLetter === null ? null : ['before', `${source}@${earlierLetter}`],
    ...decisions.map(
      ({ decision, by, at, reason }) =>
        [decision, `by ${by}, ${whenText(at)}${reason === null ? '' : `: ${reason}`}`] as const,
    ),
  ];
  return facts.flatMap((fact) => (fact === null ? [] : [`  ${fact[0].padEnd(9)}  ${printable(fact[1])}`]));
}

function whenText(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC, ${duration(Math.max(0, Date.now() - at.getTime()))} ago`;
}

function nth(number: number): string {
  const teen = Math.floor((number % 100) / 10) === 1;
  return `${number}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`;
}

/** The event as a person knows it: its data as JSON, not as text in JSON. */
export function eventOf({
  event,
  stage,
  raw,
}: Pick<DeadLetter, 'event' | 'stage' | 'raw'>): Record<string, unknown> | null {
  const kept =
    event ??
    (stage === 'persist' && raw !== null
      ? (parsed(Buffer.from(raw).toString()) as Record<string, unknown> | null)
      : null);
  if (typeof kept?.['dataText'] !== 'string') return kept;
  const { dataText, enrichment, ...rest } = kept;
  return {
    ...rest,
    data: parsed(dataText),
    ...(typeof enrichment === 'string' ? { enrichment: parsed(enrichment) } : {}),
  };
}

/** As it is, where it is no JSON: that may be why it died. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function jsonText(value: unknown): Uint8Array | null {
  return value === null ? null : Buffer.from(JSON.stringify(value, null, 2));
}

/** Not where they say what the event above them says. */
function rawLines({ raw, stage, event }: DeadLetter): string[] {
  if (raw === null || stage === 'persist' || (event !== null && event['raw'] === null)) return [];
  return block(`${event === null ? 'its record' : 'its bytes'}, ${amount(raw.byteLength, 'byte')}`, raw);
}

function block(title: string, bytes: Uint8Array | null): string[] {
  if (bytes === null) return [];
  const { lines, left } = safeBytes(bytes, limits.shownBytesMax);
  return [
    `  ${title}`,
    ...lines.map((line) => `    ${line}`),
    ...(left === 0 ? [] : [`    … ${amount(left, 'byte')} more; --raw or --json has all`]),
  ];
}

function nextLines({ state, source, laterLetter, waits }: DeadLetter, name: string): string[] {
  if (state !== 'redriven') {
    return [
      pasteable(`  to bring it back   tributary dead-letters redrive ${name}`),
      ...(state === 'discarded'
        ? []
        : [pasteable(`  to put it aside    tributary dead-letters discard ${name} --reason '…'`)]),
    ];
  }
  if (laterLetter !== null)
    return [pasteable(`  it died again      tributary dead-letters show ${source}@${laterLetter}`)];
  return [waits ? '  it waits for the next sync of its source' : '  it has come back'];
}
