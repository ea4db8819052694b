// Which requests become events. A line that is not understood is kept whatever is asked for: nobody knows what it says.
import { matchesGlob } from '../../domain/glob.js';
import type { LogFields } from './formats/index.js';
import type { ApiLogOptions } from './options.js';

type Asked = Pick<ApiLogOptions, 'status' | 'method' | 'endpoint'>;

const compiled = new WeakMap<Asked, (fields: LogFields) => boolean>();

export function isSelected(asked: Asked, fields: LogFields): boolean {
  let selects = compiled.get(asked);
  if (selects === undefined) compiled.set(asked, (selects = createSelection(asked)));
  return selects(fields);
}

function createSelection({ status, method, endpoint }: Asked): (fields: LogFields) => boolean {
  const statuses = status.map(rangeOf);
  const methods = new Set(method.map((name) => name.toUpperCase()));
  return (fields) =>
    (statuses.length === 0 || statuses.some(([from, to]) => from <= (fields.status ?? -1) && fields.status! <= to)) &&
    (methods.size === 0 || methods.has((fields.method ?? '').toUpperCase())) &&
    (endpoint.length === 0 || endpoint.some((glob) => matchesGlob(glob, fields.path ?? '')));
}

/** `404`, `5xx`, `400-499`. */
function rangeOf(text: string): readonly [from: number, to: number] {
  const [from = '', to = from] = text.toLowerCase().split('-');
  return [Number(from.replaceAll('x', '0')), Number(to.replaceAll('x', '9'))];
}
