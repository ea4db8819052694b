// Reactions of a message, each an event: who reacted with what. When is told by the Events API alone; where it is not told the
// version is 0, which any later word of that reaction follows. What is not listed is not taken back: lists are cut.
import type { EventDraft, JsonObject } from '../../domain/event.js';
import { numberOf, objectsOf, textOf } from './fields.js';
import { isId, isTs, reactionKey } from './identity.js';
import { slackLimits } from './limits.js';
import type { MessagePlace } from './message-place.js';

export interface Reaction {
  readonly name: string;
  readonly count: number;
  /** Those that are told, in the order of their ids. */
  readonly users: readonly string[];
}

/** By name. The order they come in is that of the first of each, which changes when that one is taken back. */
export function reactionsOf(message: JsonObject): { reactions: Reaction[]; isCut: boolean } {
  let left: number = slackLimits.reactionsMax;
  let isCut = false;
  const reactions = objectsOf(message.reactions, slackLimits.reactionsMax).flatMap((reaction): Reaction[] => {
    const name = textOf(reaction.name);
    if (name === undefined) return [];
    const told = Array.isArray(reaction.users) ? [...new Set(reaction.users.filter(isId))] : [];
    const users = told.slice(0, left);
    left -= users.length;
    isCut ||= users.length < told.length;
    return [{ name, count: numberOf(reaction.count) ?? told.length, users: users.sort() }];
  });
  return { reactions: reactions.sort((one, other) => (one.name < other.name ? -1 : 1)), isCut };
}

export function reactionEvents(place: MessagePlace, message: JsonObject): EventDraft[] {
  const { ts } = message;
  if (!isTs(ts)) return [];
  return reactionsOf(message).reactions.flatMap(({ name, users }) =>
    users.map((user): EventDraft => ({
      type: 'slack.reaction',
      identity: { kind: 'versioned', key: reactionKey(place, ts, user, name), version: '0' },
      subject: place.channel,
      data: {
        channel: place.channel,
        channelName: place.channelName,
        name,
        ts,
        user,
        userName: Object.hasOwn(place.names, user) ? place.names[user] : undefined,
        workspace: place.workspace,
      },
    })),
  );
}
