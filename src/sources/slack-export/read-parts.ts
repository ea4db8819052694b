// Reads the files of a stream one after the other, in chunks, from wherever it was left. A damaged file is noted and the next
// one read; at the end the stream says so, and goes on saying it until that file is another.
import { z } from 'zod';
import { NeedsAttention, Transient } from '../../domain/errors.js';
import type { StreamChunk } from '../streams.js';
import { arrayElements, BrokenPart, type Element } from './array-elements.js';
import { stateOfParts, type ExportFiles, type OpenExport, type Part } from './export-files.js';
import { exportLimits } from './limits.js';
import type { Made } from './record.js';
import { isRefusedBySystem, isSystem } from './system-errors.js';

export const position = z.strictObject({
  v: z.literal(1),
  /** The state of the files this is a place in; of other files nothing is read yet. */
  of: z.string(),
  part: z.int().min(0),
  /** Of that file, unpacked: behind the last element that was read. */
  byte: z.int().min(0),
  /** Damaged files so far, and the first few with what is wrong. */
  broken: z.int().min(0),
  told: z.array(z.string()),
});
export type Position = z.infer<typeof position>;
export const initialPosition: Position = { v: 1, of: '', part: 0, byte: 0, broken: 0, told: [] };

export interface Reading {
  readonly files: ExportFiles;
  readonly parts: readonly Part[];
  readonly signal: AbortSignal;
  readonly make: (element: Element, part: Part) => Made;
  /** Called when a file is not there any more, or not what it was. */
  readonly changed: () => void;
}

/** Whether these files are others than those that were read to their end. */
export function isNew(parts: readonly Part[], { of }: Position): boolean {
  return stateOfParts(parts) !== of;
}

/** Throws NeedsAttention at the end, when some files were damaged. */
export async function* readParts(reading: Reading, from: Position): AsyncGenerator<StreamChunk<Position>, void, void> {
  const of = stateOfParts(reading.parts);
  const start = from.of === of ? from : { ...initialPosition, of };
  let last = start;
  if (start.part < reading.parts.length) {
    const open = await reading.files.open();
    try {
      for await (const chunk of chunksOf(reading, open, start)) {
        last = chunk.position;
        yield chunk;
      }
    } finally {
      await open.close();
    }
    // An export without messages is one that was read.
  } else if (start !== from) yield { records: [], position: start };
  if (last.broken > 0) throw brokenFiles(last);
}

async function* chunksOf(
  reading: Reading,
  open: OpenExport,
  start: Position,
): AsyncGenerator<StreamChunk<Position>, void, void> {
  let at = start;
  const batch = new Batch();
  for (let part = reading.parts[at.part]; part !== undefined; part = reading.parts[at.part]) {
    try {
      for await (const element of elementsOf(open, part, at.byte)) {
        reading.signal.throwIfAborted();
        const made = reading.make(element, part);
        if (batch.isFullBefore(made)) yield { ...batch.take(), position: at };
        batch.add(made);
        at = { ...at, byte: element.end };
      }
      at = { ...at, part: at.part + 1, byte: 0 };
    } catch (error) {
      at = behindBroken(at, part, error, reading);
    }
  }
  yield { ...batch.take(), position: at };
}

async function* elementsOf(open: OpenExport, part: Part, from: number): AsyncGenerator<Element, void, void> {
  if (part.refused !== undefined) throw new BrokenPart('file_refused', part.refused);
  const { elementBytesMax, elementHeadBytes: headBytes } = exportLimits;
  yield* arrayElements(open.bytes(part), { from, elementBytesMax, headBytes });
}

function behindBroken(at: Position, part: Part, error: unknown, reading: Reading): Position {
  reading.signal.throwIfAborted();
  if (!(error instanceof BrokenPart) && !isRefusedBySystem(error)) throw passing(error, part, reading);
  const why = isRefusedBySystem(error) ? `cannot be read (${error.code})` : (error as Error).message;
  const told = at.told.length < exportLimits.brokenTold ? [...at.told, `${part.name} ${why}`] : at.told;
  return { ...at, part: at.part + 1, byte: 0, broken: at.broken + 1, told };
}

/** What the system says may pass; a file that is gone is looked for anew. */
function passing(error: unknown, part: Part, { changed }: Reading): unknown {
  if (!isSystem(error)) return error;
  changed();
  return new Transient('export_changed', `${part.name} could not be read: ${error.message}`, { cause: error });
}

function brokenFiles({ broken, told }: Position): NeedsAttention {
  const more = broken > told.length ? `; and ${broken - told.length} more` : '';
  return new NeedsAttention(
    'broken_files',
    `${broken === 1 ? 'one file' : `${broken} files`} could not be read, all others were: ${told.join('; ')}${more}`,
  );
}

class Batch {
  #records: Buffer[] = [];
  #bytes = 0;
  #events = 0;

  isFullBefore({ record, events }: Made): boolean {
    if (this.#records.length === 0) return false;
    return (
      this.#records.length >= exportLimits.chunkRecordsMax ||
      this.#bytes + record.length > exportLimits.chunkBytesMax ||
      this.#events + events > exportLimits.chunkEventsMax
    );
  }

  add({ record, events }: Made): void {
    this.#records.push(record);
    this.#bytes += record.length;
    this.#events += events;
  }

  take(): { records: Buffer[]; events: number } {
    const taken = { records: this.#records, events: this.#events };
    [this.#records, this.#bytes, this.#events] = [[], 0, 0];
    return taken;
  }
}
