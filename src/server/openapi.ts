// The OpenAPI document, made from the schemas of the routes.
import type { SwaggerTransform } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problemType } from './problem.js';

const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('stable'),
  field: z.string().optional().describe('what is wrong: a header, a parameter, a field of an event'),
  detail: z.string().describe('what was found, what was expected, what to do'),
});

export const problemResponse = {
  description: 'what is wrong (RFC 9457)',
  content: { [problemType]: { schema: problemSchema } },
};

/** Bodies are not checked by a schema, and stand in the document all the same. */
export const documented: SwaggerTransform = (document) => {
  const told = jsonSchemaTransform(document as Parameters<typeof jsonSchemaTransform>[0]);
  const { bodies } = document.route.config ?? {};
  if (bodies === undefined || told.schema === undefined) return told;
  const content = Object.entries(bodies).map(([type, schema]) => [type, { schema: z.toJSONSchema(schema, input) }]);
  return { ...told, schema: { ...told.schema, body: { content: Object.fromEntries(content) as object } } };
};

const input = { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' } as const;
