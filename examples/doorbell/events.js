// The three event types of a doorbell, and a line of a recording as one of them.
import { priorities, RecordRejected, z } from 'tributary-events';

/** @type {import('tributary-events').ViewColumn[]} */
const everywhere = [
  { name: 'device', type: 'text', path: 'device' },
  { name: 'at', type: 'text', path: 'at' },
  { name: 'visit', type: 'text', path: 'correlationId' },
  { name: 'cause', type: 'text', path: 'parentId' },
];

/** @type {import('tributary-events').EventType[]} */
export const eventTypes = [
  {
    type: 'doorbell.pressed',
    summary: 'somebody rang',
    stability: 'experimental',
    priority: priorities.high,
    about: ({ data }) => `rang for ${Number(data.heldMs) / 1_000} s`,
    embed: [],
    view: {
      name: 'doorbell_presses',
      columns: [...everywhere, { name: 'held_ms', type: 'double precision', path: 'heldMs' }],
    },
  },
  {
    type: 'doorbell.motion',
    summary: 'something moved before the camera',
    stability: 'experimental',
    priority: priorities.low,
    about: ({ data }) => `${data.zone}, for ${Number(data.lastedMs) / 1_000} s`,
    embed: [],
    view: {
      name: 'doorbell_motions',
      columns: [
        ...everywhere,
        { name: 'zone', type: 'text', path: 'zone' },
        { name: 'strength', type: 'double precision', path: 'strength' },
        { name: 'lasted_ms', type: 'double precision', path: 'lastedMs' },
      ],
    },
  },
  {
    type: 'doorbell.face_recognised',
    summary: 'faces before the camera, each known to the device or not',
    stability: 'experimental',
    about: ({ data }) => `${Array.isArray(data.faces) ? data.faces.length : 0} in view`,
    embed: [],
    view: { name: 'doorbell_faces', columns: [...everywhere, { name: 'faces', type: 'jsonb', path: 'faces' }] },
  },
];

// Loose: what a later firmware adds is kept in the event.
const everyLine = {
  id: z.string().min(1).max(100),
  at: z.iso.datetime({ offset: true }),
  visit: z.string().min(1).max(100).optional(),
  cause: z.string().min(1).max(100).optional(),
};
const share = z.number().min(0).max(1);
const kinds = {
  press: { type: 'doorbell.pressed', line: z.looseObject({ ...everyLine, heldMs: z.number().min(0) }) },
  motion: {
    type: 'doorbell.motion',
    line: z.looseObject({ ...everyLine, zone: z.string(), strength: share, lastedMs: z.number().min(0) }),
  },
  face: {
    type: 'doorbell.face_recognised',
    line: z.looseObject({
      ...everyLine,
      faces: z.array(z.looseObject({ face: z.string().nullable(), confidence: share })).max(100),
    }),
  },
};

/** Before this year a device had not asked for the time since it was switched on. */
const yearMin = 2020;

/**
 * Pure: the same line gives the same event. What is none becomes a dead letter; its neighbours go on.
 *
 * @param {Uint8Array} record
 * @param {string} device
 * @returns {import('tributary-events').EventDraft[]}
 */
export function eventsOf(record, device) {
  const { type, said } = understood(record);
  const { id, kind: _, visit, cause, ...fields } = said;
  const isSet = new Date(said.at).getUTCFullYear() >= yearMin;
  return [
    {
      type,
      // Numbers of two devices may be the same.
      identity: { kind: 'immutable', key: `${device}/${id}` },
      subject: device,
      ...(isSet ? { time: said.at } : { flags: ['clock_not_set'] }),
      data: {
        device,
        .../** @type {import('tributary-events').JsonObject} */ (fields),
        // By these names the processor `metadata` knows them, and the view event_metadata has them as columns.
        ...(visit === undefined ? {} : { correlationId: visit }),
        ...(cause === undefined ? {} : { parentId: `${device}/${cause}` }),
      },
    },
  ];
}

/** @param {Uint8Array} record */
function understood(record) {
  const found = objectOf(record);
  const kind = Object.hasOwn(found, 'kind') ? String(found['kind']) : 'nothing';
  const known = Object.entries(kinds).find(([name]) => name === kind)?.[1];
  if (known === undefined)
    throw new RecordRejected('unknown_kind', `the kind is ${kind}, expected one of ${Object.keys(kinds).join(', ')}`);
  const { success, data, error } = known.line.safeParse(found);
  if (!success) {
    const [{ path, message }] = error.issues;
    throw new RecordRejected('bad_record', `${path.join('.')} of the ${kind}: ${message}`);
  }
  return { type: known.type, said: data };
}

/** @param {Uint8Array} record @returns {Record<string, unknown>} */
function objectOf(record) {
  let found;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(record));
  } catch {
    throw new RecordRejected('not_json', 'the line is no JSON; the hub lost power, or the file was damaged');
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new RecordRejected('not_json', 'the line is no JSON object');
  return found;
}
