// The JSON schema of tributary.yaml for editors, made of the schemas that check it, with the options of each source type.
import { z } from 'zod';
import { sections } from '../../config-file/sections.js';
import type { Source } from '../../domain/source.js';
import { sourceEntry } from './source-entry.js';

type Schema = Readonly<Record<string, unknown>>;

export function fileSchema(sources: readonly Source[]): Schema {
  const { $schema, ...entry } = schemaOf(sourceEntry);
  const parts = Object.fromEntries(Object.entries(sections).map(([name, section]) => [name, inner(section)]));
  const source = { ...entry, allOf: sources.map(optionsOfType) };
  const properties = { ...parts, sources: { type: 'object', additionalProperties: { $ref: '#/definitions/source' } } };
  const profile = { type: 'object', additionalProperties: false, properties: nullable(parts) };
  return {
    $schema,
    title: 'tributary.yaml',
    type: 'object',
    additionalProperties: false,
    properties: { ...properties, profiles: { type: 'object', additionalProperties: profile } },
    definitions: { source: typed(source, sources) },
  };
}

function typed(source: Schema, sources: readonly Source[]): Schema {
  const { properties } = source as { readonly properties: Readonly<Record<string, Schema>> };
  return {
    ...source,
    properties: { ...properties, type: { ...properties['type'], enum: sources.map(({ type }) => type) } },
  };
}

function optionsOfType({ type, options, summary }: Source): Schema {
  return {
    if: { properties: { type: { const: type } }, required: ['type'] },
    then: { properties: { options: { description: summary, ...inner(options) } } },
  };
}

function inner(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = schemaOf(schema);
  return rest;
}

/** An extension may bring another zod, which this one cannot read: then anything is taken. */
function schemaOf(schema: z.ZodType): Schema {
  try {
    return z.toJSONSchema(schema, { target: 'draft-7', unrepresentable: 'any', io: 'input' });
  } catch {
    return {};
  }
}

/** In a profile, null takes away what is laid under it, and a source says only what is otherwise. */
function nullable(parts: Readonly<Record<string, Schema>>): Schema {
  const all = { ...parts, sources: { type: 'object' } };
  return Object.fromEntries(Object.entries(all).map(([name, part]) => [name, { anyOf: [part, { type: 'null' }] }]));
}
