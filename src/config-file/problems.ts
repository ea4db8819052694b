// What a schema found wrong in tributary.yaml, as one line with file, line, column, field, and the name that may have been meant.
import type { z } from 'zod';
import { InvalidInput } from '../domain/errors.js';
import { issueWords } from '../domain/issue-words.js';
import { nearestName } from '../domain/nearest.js';
import { placeText, type Path, type Place } from './yaml-text.js';

/** A value of the file, and where all of it stands. */
export interface Placed {
  readonly file: string;
  readonly value: unknown;
  readonly place: (path: Path, of?: 'name' | 'value') => Place;
}

/** Told in one line; a person mends some at once, and nobody reads thirty. */
const problemsMax = 3;

/** `hints`: what to say of names that are nothing here, and that somebody may well write. Throws InvalidInput. */
export function checkedPart<T>(
  schema: z.ZodType<T>,
  { value, ...placed }: Placed,
  at: Path = [],
  hints: Readonly<Record<string, string>> = {},
): T {
  const result = schema.safeParse(value, { reportInput: false, error: issueWords });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => problemsOf(schema, nearestIssue(issue), hints));
  throw refusal(
    placed,
    problems.map((problem) => ({ ...problem, path: [...at, ...problem.path] })),
  );
}

export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** Its name is what is wrong. */
  readonly of?: 'name' | 'value';
}

/** `tributary.yaml:12:5: sources.acme/api.options.maxComits: is …` */
export function refusal({ file, place }: Omit<Placed, 'value'>, problems: readonly Problem[]): InvalidInput {
  const [first, ...others] = problems.map(({ path, message, of = 'value' }) => {
    const field = path.map(String).join('.');
    return { at: `${placeText(file, place(path, of))}${field === '' ? '' : `: ${field}`}`, message };
  });
  const more = others.slice(0, problemsMax - 1).map(({ at, message }) => `; ${at}: ${message}`);
  const rest = others.length - more.length;
  return new InvalidInput(first!.at, `${first!.message}${more.join('')}${rest > 0 ? `; and ${rest} more` : ''}`);
}

function problemsOf(schema: z.ZodType, issue: z.core.$ZodIssue, hints: Readonly<Record<string, string>>): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  const known = namesAt(schema, issue.path);
  return issue.keys.map((name) => ({
    path: [...issue.path, name],
    message: unknownWords(name, known, hints),
    of: 'name',
  }));
}

function unknownWords(name: string, known: readonly string[], hints: Readonly<Record<string, string>>): string {
  return Object.hasOwn(hints, name) ? hints[name]! : `is nothing here; ${choiceWords(name, known)}`;
}

/** `did you mean git? expected one of git, synthetic` */
export function choiceWords(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  const all = known.length === 0 ? 'expected none' : `expected one of ${known.join(', ')}`;
  return meant === null ? all : `did you mean ${meant}? ${all}`;
}

/** Of what may be one thing or another, the problem of the one it comes nearest to: the deepest. */
function nearestIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap(([first]) => (first === undefined ? [] : [nearestIssue(first)]));
  const deepest = inner.find(({ path, code }) => path.length > 0 || code === 'unrecognized_keys');
  return deepest === undefined ? issue : { ...deepest, path: [...issue.path, ...deepest.path] };
}

interface Shaped {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly unwrap?: (this: void) => z.ZodType;
}

/** The names that an object of the schema may have there. */
function namesAt(schema: z.ZodType, path: Path): string[] {
  const { shape, options, element, valueType, unwrap } = schema as unknown as Shaped;
  if (options !== undefined) return options.flatMap((one) => namesAt(one, path));
  if (shape === undefined && element === undefined && valueType === undefined)
    return unwrap === undefined ? [] : namesAt((schema as unknown as { unwrap(): z.ZodType }).unwrap(), path);
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(shape ?? {});
  const next = shape === undefined ? (element ?? valueType) : shape[String(step)];
  return next === undefined ? [] : namesAt(next, rest);
}
