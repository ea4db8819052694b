// code: the fields by which code is looked for, as the catalogue has them of each event type (requirement P9). What the data
// does not have is left out.
import type { Catalogue } from '../../domain/catalogue.js';
import type { JsonObject } from '../../domain/event.js';
import type { Processor } from '../../domain/processor.js';

export function createCode(catalogue: Catalogue): Processor {
  return {
    name: 'code',
    canProcess: ({ type }) => catalogue.get(type)?.code !== undefined,
    enrich: ({ type, data }) =>
      present({ ...catalogue.get(type)!.code!(data), working_directory: data.workingDirectory }),
  };
}

function present(fields: Readonly<Record<string, unknown>>): JsonObject {
  const told = Object.entries(fields).filter(
    (field): field is [string, string] => typeof field[1] === 'string' && field[1] !== '',
  );
  return Object.fromEntries(told);
}
