// A source whose mapper is broken until it is mended: what it refused becomes dead letters that can come back.
import type { EventDraft } from '../../src/domain/event.js';
import { RecordRejected, type Source } from '../../src/domain/source.js';
import { synthetic } from '../../src/sources/synthetic.js';

export interface MendableSource extends Source {
  mended: boolean;
}

/** Of three events that a record gives, the second and third are refused; of every fifth record, all, as one. */
export function mendableSource(): MendableSource {
  const source: MendableSource = {
    ...(synthetic as unknown as Source),
    mended: false,
    toEvents(record, options) {
      const [draft] = synthetic.toEvents(record, options as Parameters<typeof synthetic.toEvents>[1]);
      const index = Number(draft!.data['index']);
      if (index % 5 === 0 && !source.mended)
        throw new RecordRejected('not_understood', `record ${index} is not\nunderstood`);
      return [0, 1, 2].map((part) => partOf(draft!, part, source.mended));
    },
  };
  return source;
}

function partOf(draft: EventDraft, part: number, mended: boolean): EventDraft {
  const key = `${(draft.identity as { key: string }).key}.${part}`;
  return { ...draft, identity: { kind: 'immutable', key: part > 0 && !mended ? '' : key } };
}
