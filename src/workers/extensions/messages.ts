// What a worker and the process of its extensions say to each other, as JSON.
import type { EventStage } from '../../domain/event-stage.js';
import type { Processor } from '../../domain/processor.js';
import type { Question } from '../../stages/own/ask-stage.js';
import type { EventToEnrich, Note } from '../../stages/enrichment/enriched-event.js';
import type { PageToEnrich, ProcessorTally } from '../../stages/enrichment/processor-run.js';
import type { StageOutput } from '../../store/stage-outputs.js';
import type { MappedText } from './mapped-text.js';
import type { RecordsText } from './records-text.js';

export type DeclaredStage = Pick<EventStage, 'name' | 'concurrency'>;
export type DeclaredProcessor = Pick<Processor, 'name' | 'dependencies' | 'timeoutMs'>;

/** Of the modules, said first. */
export type Declaration =
  | {
      readonly kind: 'declared';
      readonly sourceModules: readonly string[];
      readonly sourceTypes: readonly string[];
      readonly stages: readonly DeclaredStage[];
      readonly processors: readonly DeclaredProcessor[];
      readonly runsCode: boolean;
    }
  | { readonly kind: 'refused'; readonly field: string; readonly message: string };

export type Work =
  | { readonly kind: 'ask'; readonly stage: string; readonly question: Question }
  | {
      readonly kind: 'enrich';
      readonly facts: Omit<PageToEnrich, 'page'> & {
        readonly page: Omit<PageToEnrich['page'], 'fetchedAt'> & { readonly fetchedAt: string };
      };
      /** In their order; `budgetMs` for each and the page, of which `spentMs` is gone. */
      readonly processors: readonly {
        readonly name: string;
        readonly wanted: boolean;
        readonly spentMs: number;
        readonly without?: string | undefined;
      }[];
      readonly budgetMs: number;
      readonly events: readonly EventToEnrich[];
      /** Says before each processor that it begins. */
      readonly careful: boolean;
    }
  | {
      readonly kind: 'map';
      /** Its name. */
      readonly page: string;
      /** Of the source. */
      readonly type: string;
      readonly options: unknown;
      readonly records: RecordsText;
      /** Says before each record that it begins: `name` is its place among them. */
      readonly careful: boolean;
    };

export type ToHost =
  | { readonly kind: 'work'; readonly id: number; readonly work: Work }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'ping' };

export interface Enriched {
  /** By event: names and JSON texts. */
  readonly noted: readonly (readonly Note[])[];
  readonly tallies: Readonly<Record<string, ProcessorTally>>;
}

/** Of the first records, where all would be too much at once. */
export interface MappedTexts {
  readonly mapped: readonly MappedText[];
}

export type Result = StageOutput | Enriched | MappedTexts;

export type FromHost =
  | Declaration
  | { readonly kind: 'done'; readonly id: number; readonly result: Result }
  /** By a fault that is none of the extension's. */
  | { readonly kind: 'failed'; readonly id: number; readonly error: string }
  | { readonly kind: 'begin'; readonly id: number; readonly name: string }
  /** Thrown where nobody waits for it. `at`: what was being done. */
  | { readonly kind: 'stray'; readonly at: string | null; readonly error: string }
  | { readonly kind: 'pong' };
