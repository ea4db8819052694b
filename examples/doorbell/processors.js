// What is noted beside each event of a doorbell, under the names of these processors. Pure: from the event, its page and this
// package alone; there is no clock and no service.
import { defineProcessor } from 'tributary-events';
import { householdFrom } from './household.js';

/** A device that is less sure than that does not know who it is. */
const confidenceMin = 0.6;
/** A press of two seconds is somebody who was not heard. */
const longPressMs = 2_000;

/** @param {() => Promise<import('./household.js').Household>} household */
export function processorsOf(household = householdFrom()) {
  return [concern, moment, details, recognitionBy(household)];
}

/** Who is there. @param {() => Promise<import('./household.js').Household>} household */
function recognitionBy(household) {
  return defineProcessor({
    name: 'recognition',
    canProcess: ({ type }) => type === 'doorbell.face_recognised',
    async enrich({ data }) {
      const known = await household();
      const faces = facesOf(data);
      const people = faces.flatMap(({ face, confidence }) =>
        face !== null && confidence >= confidenceMin && Object.hasOwn(known, face) ? [known[face].name] : [],
      );
      const best = Math.max(0, ...faces.map(({ confidence }) => confidence));
      return { total: faces.length, known: people.length, unknown: faces.length - people.length, people, best };
    },
  });
}

/** When it was, at the house: `metadata`, which every worker has, knows the moment in milliseconds since 1970. */
export const moment = defineProcessor({
  name: 'moment',
  dependencies: ['metadata'],
  canProcess: ({ type, time }) => isOurs(type) && time !== null,
  enrich({ data }, { results }) {
    const iso = String(data['at']);
    const hour = Number(iso.slice(11, 13));
    return { iso, unix: Math.floor(Number(results['metadata']?.['unixMs']) / 1_000), part: partOfDay(hour) };
  },
});

/** What only this type of event has. */
export const details = defineProcessor({
  name: 'details',
  canProcess: ({ type }) => type === 'doorbell.pressed' || type === 'doorbell.motion',
  enrich: ({ type, data }) =>
    type === 'doorbell.pressed'
      ? { press: Number(data['heldMs']) >= longPressMs ? 'long' : 'short' }
      : { seconds: Number(data['lastedMs']) / 1_000, strong: Number(data['strength']) >= 0.5 },
});

/** Whether somebody should look. It runs after what it needs, wherever it stands in the list. */
export const concern = defineProcessor({
  name: 'concern',
  dependencies: ['recognition', 'moment'],
  canProcess: () => true,
  enrich(_event, { results }) {
    const unknown = Number(results['recognition']?.['unknown']);
    if (unknown === 0) return null;
    const part = String(results['moment']?.['part']);
    return { level: part === 'night' ? 'high' : 'low', why: `${unknown} unknown in the ${part}` };
  },
});

/** @param {string} type */
function isOurs(type) {
  return type.startsWith('doorbell.');
}

/** @param {number} hour of the device's own clock */
function partOfDay(hour) {
  if (hour < 6 || hour >= 22) return 'night';
  return hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
}

/**
 * As events.js checked them.
 *
 * @param {import('tributary-events').EnrichableEvent['data']} data
 * @returns {readonly { face: string | null, confidence: number }[]}
 */
function facesOf(data) {
  return /** @type {{ face: string | null, confidence: number }[]} */ (/** @type {unknown} */ (data['faces'] ?? []));
}
