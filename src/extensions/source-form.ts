// Whether a value from a module has the form of a source: what is missing is told before a sync finds it out half-way.
import { createCatalogue } from '../domain/catalogue.js';
import { InvalidInput } from '../domain/errors.js';
import { thrownText } from '../domain/thrown.js';

const typeForm = /^[a-z][a-z0-9_-]{0,59}$/;
const functions = ['origin', 'defaultId', 'prepare', 'read', 'toEvents'];

/** `field … what is wrong`, or null. */
export function sourceProblem(value: unknown): string | null {
  if (typeof value !== 'object' || value === null)
    return 'type is missing: this is no source, expected defineSource({ … })';
  const source = value as Readonly<Record<string, unknown>>;
  const { type, summary, mapperVersion, initialCursor, argument, events } = source;
  if (typeof type !== 'string' || !typeForm.test(type)) return `type is ${shown(type)}, expected ${typeForm.source}`;
  if (typeof summary !== 'string' || summary === '' || summary.includes('\n'))
    return `summary is ${shown(summary)} (source ${type}), expected one line`;
  for (const name of functions)
    if (typeof source[name] !== 'function') return `${name} is no function (source ${type})`;
  for (const name of ['options', 'cursor'])
    if (!isSchema(source[name])) return `${name} is no zod schema (source ${type})`;
  if (!Number.isSafeInteger(mapperVersion) || (mapperVersion as number) < 1)
    return `mapperVersion is ${shown(mapperVersion)} (source ${type}), expected a whole number of at least 1`;
  if (typeof initialCursor !== 'object' || initialCursor === null || !('v' in initialCursor))
    return `initialCursor is ${shown(initialCursor)} (source ${type}), expected an object with its version as v`;
  if (argument !== undefined && typeof argument !== 'string')
    return `argument is no name of an option (source ${type})`;
  if (source['recognises'] !== undefined && (typeof source['recognises'] !== 'function' || argument === undefined))
    return `recognises is no function, or there is no argument for what it recognises (source ${type})`;
  if (events !== undefined && !Array.isArray(events)) return `events is no list of event types (source ${type})`;
  return eventsProblem(type, events as never);
}

function eventsProblem(type: string, events: never): string | null {
  try {
    createCatalogue([{ type, events }]);
    return null;
  } catch (error) {
    const text =
      error instanceof InvalidInput
        ? error.message.replace(`sources.${type}.`, '')
        : `events cannot be read: ${thrownText(error)}`;
    return `${text} (source ${type})`;
  }
}

/** Of whichever copy of zod. */
function isSchema(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { safeParse, parse } = value as Record<string, unknown>;
  return typeof safeParse === 'function' && typeof parse === 'function';
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value).slice(0, 80);
}
