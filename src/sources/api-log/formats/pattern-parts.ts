// Variables and the text between them, to a pattern. What cannot be told apart when it is read is refused here.
import { refuse } from './config-text.js';
import { formatLimits } from './limits.js';
import type { Pattern, Piece } from './pattern.js';
import { settled, type Variable } from './variables.js';

export type Part = string | Variable;

export function patternOf(parts: readonly Part[], escaped: boolean): Pattern {
  const variables = parts.filter((part) => typeof part !== 'string');
  if (variables.length === 0) refuse(1, 'no variable', 'at least one');
  if (variables.length > formatLimits.fieldsMax)
    refuse(variables[formatLimits.fieldsMax]!.column, 'one more variable', `at most ${formatLimits.fieldsMax}`);
  const meanings = settled(variables);
  const pieces = variables.map(({ name }, at): Piece => {
    const { put, numeric, time } = meanings[at]!;
    return { name, after: '', put, numeric, time };
  });
  return { before: textBefore(parts), pieces: withText(parts, pieces), escaped };
}

function textBefore(parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part !== 'string') break;
    text += part;
  }
  return text;
}

function withText(parts: readonly Part[], pieces: readonly Piece[]): Piece[] {
  const after: string[] = [];
  for (const part of parts) {
    if (typeof part !== 'string') after.push('');
    else if (after.length > 0) after[after.length - 1] += part;
  }
  const variables = parts.filter((part) => typeof part !== 'string');
  return pieces.map((piece, at) => {
    const next = variables[at + 1];
    if (after[at] === '' && next !== undefined && piece.time === undefined)
      refuse(next.column, `${next.name} right behind ${piece.name}`, 'text between the two');
    return { ...piece, after: after[at]! };
  });
}
