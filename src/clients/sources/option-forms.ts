// The options of a source type as people read them, from its zod schema.
import { z } from 'zod';
import type { Json } from '../../domain/event.js';
import type { Source } from '../../domain/source.js';

export interface OptionForm {
  readonly name: string;
  /** `text`, `whole number`, `true or false`, `list of text`, `none | stats | patch`. */
  readonly type: string;
  readonly required: boolean;
  /** Undefined where there is none. */
  readonly default: Json | undefined;
  /** `1 to 100`, `at most 50 entries`; empty where there are none. */
  readonly bounds: string;
  readonly summary: string;
}

/** What z.toJSONSchema makes of a field. */
interface Field {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Field[];
  readonly items?: Field;
  readonly default?: Json;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** None where the schema is not one of an object, or of another zod than ours that cannot be read. */
export function optionForms({ options }: Pick<Source, 'options'>): OptionForm[] {
  const { properties, required = [] } = schemaOf(options);
  return Object.entries(properties ?? {}).map(([name, field]) => ({
    name,
    type: typeText(field),
    required: required.includes(name),
    default: field.default,
    bounds: boundsText(field),
    summary: field.description ?? '',
  }));
}

function schemaOf(options: z.ZodType): {
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
} {
  try {
    return z.toJSONSchema(options, { unrepresentable: 'any', io: 'input' }) as ReturnType<typeof schemaOf>;
  } catch {
    return {};
  }
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'JSON object',
  null: 'null',
};

function typeText({ type, enum: choices, const: only, anyOf, items }: Field): string {
  if (choices !== undefined) return choices.map(String).join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeText))].join(' or ');
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeText(items)}`;
  if (Array.isArray(type)) return type.map((one) => names[one as string] ?? String(one)).join(' or ');
  return typeof type === 'string' ? (names[type] ?? type) : 'JSON';
}

function boundsText({ minimum, maximum, minLength, maxLength, minItems, maxItems }: Field): string {
  return [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' entries'),
  ]
    .filter((text) => text !== '')
    .join(', ');
}

/** JSON Schema says nothing of whole numbers but these two. */
function range(from: number | undefined, to: number | undefined, unit: string): string {
  const [least, most] = [
    from === Number.MIN_SAFE_INTEGER ? undefined : from,
    to === Number.MAX_SAFE_INTEGER ? undefined : to,
  ];
  if (least === undefined) return most === undefined ? '' : `at most ${most}${unit}`;
  return most === undefined ? `at least ${least}${unit}` : `${least} to ${most}${unit}`;
}
