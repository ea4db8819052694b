// What a schema found wrong, in our words and not in those of the library: what was found, what was expected. A message that a
// schema brings itself wins. Values are not repeated: they may be secrets, or large.
import { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

export function issueWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `found ${kindOf(issue.input)}, expected ${kindNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `found ${sizeOf(issue)}, expected ${issue.inclusive === false ? 'more than' : 'at least'} ${bound(issue, issue.minimum)}`;
    case 'too_big':
      return `found ${sizeOf(issue)}, expected ${issue.inclusive === false ? 'less than' : 'at most'} ${bound(issue, issue.maximum)}`;
    case 'invalid_format':
      return `expected ${formOf(issue)}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}, which is nothing here`;
    case 'invalid_union':
      return unionWords(issue);
    case 'invalid_key':
      return 'has a name that is not allowed here';
    case 'invalid_element':
      return 'has an element that is not allowed here';
    default:
      return 'is not as it has to be';
  }
}

/** Of what a schema refused where nobody asked a person for it: rows we wrote, a cursor. Undefined for any other error. */
export function issuesText(error: unknown): string | undefined {
  const { issues } = (error ?? {}) as { readonly issues?: readonly z.core.$ZodIssue[] };
  if (!(error instanceof Error) || !Array.isArray(issues)) return undefined;
  const [first] = issues as readonly z.core.$ZodIssue[];
  const at = first?.path.map(String).join('.') || 'it';
  return `what is stored is not as this version writes it: ${at}: ${first?.message ?? 'it cannot be read'}`;
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  undefined: 'nothing',
  date: 'a date',
};

function kindOf(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  // What a text became that is no number.
  if (Number.isNaN(input)) return 'no number';
  const kind = typeof input;
  return kind === 'number' && !Number.isInteger(input) ? 'a fraction' : (kindNames[kind] ?? kind);
}

interface Sized {
  readonly origin: string;
  readonly input?: unknown;
}

/** Numbers are told as they are: no secret is one. */
function sizeOf({ input }: Sized): string {
  if (typeof input === 'string') return counted(input.length, 'character');
  if (Array.isArray(input)) return counted(input.length, 'element');
  return typeof input === 'number' || typeof input === 'bigint' ? String(input) : kindOf(input);
}

function bound({ origin }: Sized, of: number | bigint): string {
  if (origin === 'string') return counted(Number(of), 'character');
  return origin === 'array' || origin === 'set' ? counted(Number(of), 'element') : String(of);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const forms: Readonly<Record<string, string>> = {
  url: 'a URL like https://example.org/path',
  email: 'an e-mail address',
  uuid: 'a UUID',
  datetime: 'a date with a time and zone, like 2026-01-31T12:00:00Z',
  date: 'a date like 2026-01-31',
  time: 'a time like 12:00:00',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  json_string: 'JSON',
};

function formOf({ format, pattern, ...rest }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidStringFormat>): string {
  const { prefix, suffix, includes } = rest as { prefix?: string; suffix?: string; includes?: string };
  if (prefix !== undefined) return `a text that begins with ${JSON.stringify(prefix)}`;
  if (suffix !== undefined) return `a text that ends with ${JSON.stringify(suffix)}`;
  if (includes !== undefined) return `a text with ${JSON.stringify(includes)} in it`;
  return forms[format] ?? (pattern === undefined ? `a text in the form ${format}` : `a text that matches ${pattern}`);
}

/** That of the form the value comes nearest to: the one with the deepest problem, the first of equals. */
function unionWords({
  errors = [],
  input,
}: {
  readonly errors?: readonly (readonly z.core.$ZodIssue[])[];
  readonly input?: unknown;
}): string {
  const firsts = errors.flatMap(([first]) => (first === undefined ? [] : [first]));
  const [nearest] = firsts.toSorted((one, other) => other.path.length - one.path.length);
  if (nearest !== undefined && nearest.path.length > 0) return `${nearest.path.join('.')}: ${nearest.message}`;
  const expected = new Set(
    firsts.map((issue) => (issue.code === 'invalid_type' ? (kindNames[issue.expected] ?? issue.expected) : null)),
  );
  return expected.size === 0 || expected.has(null)
    ? [...new Set(firsts.map(({ message }) => message))].join(', or ') ||
        `found ${kindOf(input)}, expected something else`
    : `found ${kindOf(input)}, expected ${[...expected].join(' or ')}`;
}

z.config({ customError: (issue) => issueWords(issue) });
