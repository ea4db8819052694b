// Variables and the text between them, to a pattern. What cannot be told apart when it is read is refused here.
import { refuse } from './config-text.js';
import { formatLimits } from './limits.js';
import type { Pattern, Piece } from './pattern.js';
import { settled, type Variable } from './variables.js';

export type Part = string | Variable;

/** Of the values: `escaped` as decoding.ts has it, `absent` what stands for none. */
export type Values = Pick<Pattern, 'escaped' | 'absent'>;

export function patternOf(parts: readonly Part[], values: Values): Pattern {
  const variables = parts.filter((part) => typeof part !== 'string');
  if (variables.length === 0) refuse(1, 'no variable', 'at least one');
  if (variables.length > formatLimits.fieldsMax)
    refuse(variables[formatLimits.fieldsMax]!.column, 'one more variable', `at most ${formatLimits.fieldsMax}`);
  const meanings = settled(variables);
  const after = textsAfter(parts);
  const pieces: Piece[] = [];
  for (const [at, { name, column }] of variables.entries()) {
    const { put, numeric, time, always, leads } = meanings[at]!;
    const piece: Piece = { name, after: after[at]!, put, numeric, time, always };
    const before = pieces.at(-1);
    // The one before finds its own end, or this one is found by its first sign.
    if (before === undefined || before.after !== '' || before.time !== undefined) pieces.push(piece);
    else if (leads !== undefined) pieces[pieces.length - 1] = together(before, piece, leads);
    else refuse(column, `${name} right behind ${before.name}`, 'text between the two');
  }
  const hasOneTime = pieces.filter(({ time }) => time !== undefined).length === 1;
  const last = hasOneTime ? { text: '', zone: undefined, time: undefined } : undefined;
  return { before: textBefore(parts), pieces, last, ...values };
}

/** `$host$request_uri`, `%U%q`: one field, in which the second begins with its sign, or is empty. */
function together(first: Piece, second: Piece, leads: string): Piece {
  return {
    name: first.name + second.name,
    after: second.after,
    put: (reading, text) => {
      const at = text.indexOf(leads);
      first.put(reading, at < 0 ? text : text.slice(0, at));
      if (at >= 0) second.put(reading, text.slice(at));
    },
  };
}

/** Behind each variable, up to the next. */
function textsAfter(parts: readonly Part[]): string[] {
  const after: string[] = [];
  for (const part of parts) {
    if (typeof part !== 'string') after.push('');
    else if (after.length > 0) after[after.length - 1] += part;
  }
  return after;
}

function textBefore(parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part !== 'string') break;
    text += part;
  }
  return text;
}
