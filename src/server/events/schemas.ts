// What POST /v1/events takes and answers, for the OpenAPI document. The mapper of the source is what checks an event.
import { z } from 'zod';
import { limits } from '../../limits.js';
import { contentTypes } from './content-modes.js';

const priority = z.union([z.enum(['critical', 'high', 'normal', 'low']), z.int().min(1).max(4)]);

const ownEvent = z
  .strictObject({
    type: z.string().min(1).max(limits.eventTypeCharsMax).describe('order.paid'),
    id: z.string().min(1).nullish().describe('unique in the source, for ever: given again under it, an event is known'),
    time: z.iso.datetime({ offset: true }).nullish().describe('when it happened'),
    subject: z.string().min(1).max(limits.eventSubjectCharsMax).nullish().describe('what it is about'),
    data: z.record(z.string(), z.unknown()).optional(),
    priority: priority.nullish().describe('else by the rules of the source, or by its type'),
    entity: z.string().min(1).nullish().describe('what it is a version of'),
    version: z
      .union([z.string().min(1), z.number()])
      .nullish()
      .describe('of the entity; it grows'),
    deleted: z.boolean().nullish().describe('the entity is gone with this version'),
  })
  .describe('an event in our own words');

const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.string().min(1),
    time: z.iso.datetime({ offset: true }).optional(),
    subject: z.string().optional(),
    datacontenttype: z.string().optional(),
    data: z.unknown().optional(),
    data_base64: z.string().optional(),
  })
  .describe('a CloudEvent 1.0 in JSON');

const oneOrMore = z.union([ownEvent, cloudEvent, z.array(z.union([ownEvent, cloudEvent])).max(limits.doorEventsMax)]);

/** By media type. What is neither is a CloudEvent whose attributes are headers. */
export const eventBodies = {
  [contentTypes.own]: oneOrMore,
  [contentTypes.structured]: cloudEvent,
  [contentTypes.batched]: z.array(cloudEvent).max(limits.doorEventsMax),
};

const verdict = z.object({
  index: z.int().describe('its place in the request'),
  outcome: z
    .enum(['accepted', 'known', 'suppressed', 'refused'])
    .describe('accepted: stored now. known: stored before, or earlier in the request. suppressed: left out by a rule'),
  id: z.string().optional().describe('of the event within its source; not of a refused one'),
  code: z.string().optional().describe('of a refused one: bad_time, unknown_field …'),
  field: z.string().optional(),
  reason: z.string().optional(),
});

const figures = {
  source: z.string(),
  total: z.int(),
  inserted: z.int(),
  skipped_duplicate: z.int(),
  skipped_existing: z.int(),
  suppressed: z.int(),
  refused: z.int(),
  errors: z.int(),
  processing_time_ms: z.int(),
  verdicts: z.array(verdict),
};

export const answerSchema = z.object(figures).describe('what became of each event, after the commit');
