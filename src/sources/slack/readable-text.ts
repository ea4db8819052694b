// What people see of a message. Slack writes <@U024BE7LH>, <#C024BE7LR|general>, <https://example.org|here> and escapes
// &, < and >; bots write in blocks and attachments, and leave the text empty or short.
import type { Json, JsonObject } from '../../domain/event.js';
import { objectOf, objectsOf, textOf } from './fields.js';
import { slackLimits } from './limits.js';

/** Ids of users and channels to their names. */
export type Names = Readonly<Record<string, string>>;

export function readableText(text: string, names: Names): string {
  return unescaped(text.replaceAll(/<([^<>\n]*)>/g, (_, inner: string) => mentioned(inner, names)));
}

function mentioned(inner: string, names: Names): string {
  const bar = inner.indexOf('|');
  const [target, label] = bar < 0 ? [inner, ''] : [inner.slice(0, bar), inner.slice(bar + 1)];
  const id = target.slice(1);
  switch (target[0]) {
    case '@':
      return `@${nameOf(names, id) ?? (label === '' ? id : label.replace(/^@/, ''))}`;
    case '#':
      return `#${label === '' ? (nameOf(names, id) ?? id) : label}`;
    case '!':
      // <!subteam^S1|@team>, <!date^1392734382^{date}|Feb 18>, <!here>
      return label === '' ? `@${id.split('^')[0]}` : label;
    default:
      return label === '' || target.replace(/^(mailto:|https?:\/\/)/, '') === label ? target : `${label} (${target})`;
  }
}

/** Names come from outside, and may be called `constructor`. */
function nameOf(names: Names, id: string): string | undefined {
  return Object.hasOwn(names, id) ? names[id] : undefined;
}

/** `&amp;lt;` is `&lt;`: the ampersand comes last. */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/**
 * Texts that a bot writes beside the message's own, as Slack has them. Rich text is left out: it is the message's own text
 * again. So are unfurled links, which come some seconds after the message and are nothing that anybody wrote.
 */
export function extraTexts(message: JsonObject): string[] {
  const texts: string[] = [];
  for (const block of objectsOf(message.blocks, slackLimits.attachmentsMax))
    if (block.type !== 'rich_text') collect(block, texts, 0);
  for (const attachment of writtenAttachments(message)) texts.push(...attachmentTexts(attachment));
  return bounded(texts);
}

/** Attachments that a bot wrote, without those that Slack made of a link. */
export function writtenAttachments(message: JsonObject): JsonObject[] {
  const unfurled = ['from_url', 'original_url', 'app_unfurl_url', 'is_msg_unfurl'];
  return objectsOf(message.attachments, slackLimits.attachmentsMax).filter(
    (attachment) => !unfurled.some((field) => field in attachment && attachment[field] !== ''),
  );
}

function attachmentTexts(attachment: JsonObject): string[] {
  const texts = ['pretext', 'author_name', 'title', 'text'].flatMap((field) => textOf(attachment[field]) ?? []);
  for (const field of objectsOf(attachment.fields, slackLimits.attachmentsMax))
    texts.push(...['title', 'value'].flatMap((name) => textOf(field[name]) ?? []));
  for (const block of objectsOf(attachment.blocks, slackLimits.attachmentsMax)) collect(block, texts, 0);
  // The fallback says it all again, for those who see nothing else.
  return texts.length > 0 ? texts : [textOf(attachment.fallback) ?? []].flat();
}

/** In the order in which they are written; only what is said, no ids and no values of buttons. */
function collect(value: Json | undefined, texts: string[], depth: number): void {
  if (depth > slackLimits.blockDepthMax || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, texts, depth + 1);
    return;
  }
  if (typeof value.text === 'string' && value.text !== '') texts.push(value.text);
  for (const part of ['title', 'text', 'fields', 'elements', 'accessory', 'label'])
    if (objectOf(value[part]) !== undefined || Array.isArray(value[part])) collect(value[part], texts, depth + 1);
}

function bounded(texts: readonly string[]): string[] {
  let left: number = slackLimits.extraTextCharsMax;
  return texts.flatMap((text) => {
    const kept = text.slice(0, left);
    left -= kept.length;
    return kept === '' ? [] : [kept];
  });
}
