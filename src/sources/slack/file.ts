// A file that came with a message: what is known of it, never its contents. It is one file in however many messages it is shown.
import type { EventDraft, JsonObject } from '../../domain/event.js';
import { numberOf, objectsOf, secondsOf, textOf, withoutToken, yes } from './fields.js';
import { fileKey, gone, isId, timeOfSeconds, versioned } from './identity.js';
import { slackLimits } from './limits.js';
import type { MessagePlace } from './message-place.js';

/** Not there: these say nothing of the file but that whoever asked may not see it. */
const unseen: ReadonlySet<unknown> = new Set(['hidden_by_limit', 'access_denied', 'check_file_info', 'file_not_found']);

/** `file` is how it was written until 2018. */
export function filesOf({ files, file }: JsonObject): JsonObject[] {
  return objectsOf(Array.isArray(files) ? files : file === undefined ? [] : [file], slackLimits.filesMax);
}

export function fileEvents(place: MessagePlace, message: JsonObject): EventDraft[] {
  return filesOf(message).flatMap((file) => {
    const { id, mode, file_access: access } = file;
    if (!isId(id) || unseen.has(mode) || unseen.has(access)) return [];
    return [mode === 'tombstone' ? tombstone(place, id) : version(place, id, file)];
  });
}

function tombstone({ workspace }: MessagePlace, id: string): EventDraft {
  return { type: 'slack.file', identity: gone(fileKey(workspace, id)), subject: id, data: { file: id, workspace } };
}

function version({ workspace, names }: MessagePlace, id: string, file: JsonObject): EventDraft {
  const [name, title, size] = [textOf(file.name), textOf(file.title), numberOf(file.size)];
  const created = secondsOf(file.timestamp) || secondsOf(file.created);
  const user = textOf(file.user);
  return {
    type: 'slack.file',
    // A canvas has a moment of its last change; any other file changes its name at most.
    identity: versioned(fileKey(workspace, id), String(secondsOf(file.updated) || created), {
      name: name ?? null,
      size: size ?? null,
      title: title ?? null,
    }),
    time: timeOfSeconds(created),
    subject: id,
    data: {
      external: yes(file.is_external),
      externalType: textOf(file.external_type),
      file: id,
      filetype: textOf(file.filetype),
      mimetype: textOf(file.mimetype),
      mode: textOf(file.mode),
      name,
      permalink: linkOf(file.permalink),
      size,
      title,
      url: linkOf(file.url_private),
      user,
      userName: user !== undefined && Object.hasOwn(names, user) ? names[user] : undefined,
      workspace,
    },
  };
}

function linkOf(value: JsonObject[string]): string | undefined {
  const link = textOf(value);
  return link === undefined ? undefined : withoutToken(link);
}
