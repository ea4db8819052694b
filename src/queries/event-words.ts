// Words that name events, as people and programs write them: a source's id, types and patterns of them.
import { InvalidInput } from '../domain/errors.js';
import { parseInput } from '../domain/parse.js';
import { sourceIdSchema } from '../domain/source-id.js';
import { limits } from '../limits.js';

/** Given as an argument, or as an option. */
export function sourceOf(argument: string | undefined, option: string | undefined): string | undefined {
  if (argument !== undefined && option !== undefined && argument !== option)
    throw new InvalidInput('source', 'is given twice, as an argument and with --source');
  const source = argument ?? option;
  return source === undefined ? undefined : parseInput(sourceIdSchema, source, 'source');
}

/** Given more than once, or as a list with commas. */
export function typesOf(given: readonly string[] | undefined): string[] | undefined {
  if (given === undefined) return undefined;
  const types = given.flatMap((text) => text.split(',')).map((text) => text.trim());
  for (const type of types) {
    if (!/^[\w.*:/-]+$/.test(type) || type.length > limits.eventTypeCharsMax)
      throw new InvalidInput(
        'type',
        `found ${JSON.stringify(type.slice(0, 40))}, expected a type like acme.note or a pattern like 'acme.*'`,
      );
  }
  return types;
}
