// enrich: what Tributary itself knows of an event, beside its data (requirement D3). Pure: the age is measured to the
// page's time, not to now.
import type { HashedEvent } from '../domain/event.js';
import type { PageFacts, Stage } from '../domain/stage.js';
import { inTurns } from '../domain/turns.js';

export const enrich: Stage = {
  name: 'enrich',
  kind: 'pure',
  async run(batch) {
    const shared = `"host":${JSON.stringify(batch.page.host)}`;
    const enrichment = new Map<number, string>();
    await inTurns(batch.events, (event) => void enrichment.set(event.ordinal, metadata(event, batch.page, shared)));
    return { ...batch, enrichment };
  },
};

function metadata({ time }: HashedEvent, page: PageFacts, shared: string): string {
  if (time === null) return `{"metadata":{${shared}}}`;
  const unixMs = Date.parse(time);
  return `{"metadata":{"ageMs":${page.fetchedAt.getTime() - unixMs},${shared},"unixMs":${unixMs}}}`;
}
