// The activities: thin Temporal shells around sources, stages and store. `createActivities` gives the record a worker
// registers; workflows import its type only.
import type { Counts, PageKey } from '../domain/page.js';
import type { FinalStage, Stage } from '../domain/stage.js';
import type { StageName } from '../domain/sync-input.js';
import type { SourceRegistry } from '../sources/index.js';
import type { Pool } from '../store/pool.js';
import { closeRun, type CloseRunInput } from './close-run.js';
import { fetchPage, type FetchRequest } from './fetch-page.js';
import { openRun, type OpenRunInput } from './open-run.js';
import { createPageMemory } from './page-memory.js';
import { prepareSource } from './prepare-source.js';
import { createReaders } from './readers.js';
import { createRunContexts, type RunKey } from './run-context.js';
import { shell } from './shell.js';
import { createSourceContext } from './source-context.js';

export interface ActivityParts {
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  /** In pipeline order; persist comes after them. */
  readonly stages: Readonly<Record<Exclude<StageName, 'persist'>, Stage>>;
  readonly persist: FinalStage;
  /** Directory under which sources keep what they may need again (mirrors). */
  readonly home: string;
  readonly searchAttributes: boolean;
}

export interface StageRequest {
  readonly page: PageKey;
  /** The stages up to and including this one, in order: what to run again when memory has lost the page. */
  readonly stages: readonly StageName[];
}

export interface StageReport {
  /** Events that go on to the next stage. */
  readonly remaining: number;
}

export type Activities = ReturnType<typeof createActivities>;

export function createActivities(parts: ActivityParts) {
  const { pool, stages } = parts;
  const [memory, readers] = [createPageMemory(pool), createReaders()];
  const contextOf = createRunContexts(pool, parts.registry);
  const sourceContext = createSourceContext(pool, parts.home);

  const stage = shell<StageRequest, StageReport>(async ({ page, stages: names }) => {
    const batch = await memory.after(page, pureStages(names), await contextOf(page));
    return { remaining: batch.drafts.length + batch.events.length };
  });
  const pureStages = (names: readonly StageName[]) => names.filter((name) => name !== 'persist').map((name) => stages[name]);

  return {
    openRun: shell((input: OpenRunInput) => openRun(parts, input)),
    prepareSource: shell(async (run: RunKey, cancelled) => prepareSource(pool, run, await contextOf(run), sourceContext, cancelled)),
    fetchPage: shell(async (request: FetchRequest, cancelled) =>
      fetchPage({ pool, readers, memory }, request, await contextOf(request.page), sourceContext, cancelled),
    ),
    validate: stage,
    hash: stage,
    deduplicate: stage,
    enrich: stage,
    persist: shell<StageRequest, Counts>(async ({ page, stages: names }) => {
      const context = await contextOf(page);
      try {
        return await parts.persist.run(await memory.after(page, pureStages(names), context), context);
      } finally {
        // Committed, it is not needed; failed, the next try must see the store as it is then.
        memory.forget(page);
      }
    }),
    closeRun: shell((input: CloseRunInput) => closeRun(pool, input)),
  };
}
