// An export as the zip it came in. Only the archive's directory is read to know what there is; each file is unpacked when its
// turn comes, and nothing is ever written. Names decide nothing but which file it is, so `../` leads nowhere.
//
// yauzl finds the directory (zip64 too), checks its fields and decodes names (UTF-8, or CP437 as old programs write them).
// Unpacking is ours: its stream leaves the unpacker behind when it is given up, and checks no sum.
import { pipeline, type Readable } from 'node:stream';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';
import { NeedsAttention } from '../../domain/errors.js';
import { BrokenPart } from './array-elements.js';
import { crc32 } from './crc32.js';
import { Collecting, placeOf, type ExportFiles, type OpenExport, type Part } from './export-files.js';
import { exportLimits } from './limits.js';
import { isSystem } from './system-errors.js';

/** What finds its bytes again, without the archive's directory. */
interface ZipPart extends Part {
  readonly offset: number;
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
  readonly method: number;
}

const stored = 0;
const deflated = 8;
/** Unpacked at once where a file is streamed; Node's 16 KiB cost as much in hand-overs as in unpacking. */
const chunkSize = 256 * 1_024;

export async function zipFiles(path: string, size: number, signal: AbortSignal): Promise<ExportFiles> {
  const collecting = new Collecting(path);
  const zip = await opened(path);
  try {
    await collect(zip, size, collecting, signal);
  } catch (error) {
    throw failureOf(path, error);
  } finally {
    zip.close();
  }
  return collecting.files(async () => new OpenZip(await opened(path)));
}

async function opened(path: string): Promise<yauzl.ZipFile> {
  try {
    // Names as bytes: a strange one among the attachments is no reason to refuse the rest.
    return await yauzl.openPromise(path, { autoClose: false, decodeStrings: false });
  } catch (error) {
    throw failureOf(path, error);
  }
}

async function collect(zip: yauzl.ZipFile, size: number, collecting: Collecting, signal: AbortSignal): Promise<void> {
  if (zip.entryCount > exportLimits.entriesMax)
    throw new BrokenPart(
      'zip_damaged',
      `says it has ${zip.entryCount} files, at most ${exportLimits.entriesMax} are looked at`,
    );
  let packed = 0;
  for await (const entry of zip.eachEntry()) {
    signal.throwIfAborted();
    packed += entry.compressedSize;
    // Files that share their bytes: how a bomb of a few kilobytes unpacks to all there is.
    if (packed > size)
      throw new BrokenPart('zip_damaged', 'has files that lie over each other; it was made to do harm');
    const place = placeOf(nameOf(entry));
    if (place !== null) collecting.add(place.folder, partOf(place.name, entry));
  }
}

function nameOf(entry: yauzl.Entry): string {
  const { generalPurposeBitFlag: flags, fileNameRaw, extraFields } = entry;
  return yauzl.getFileNameLowLevel(flags, fileNameRaw, extraFields, false);
}

function partOf(name: string, entry: yauzl.Entry): ZipPart {
  const { relativeOffsetOfLocalHeader, compressedSize, uncompressedSize, crc32: crc, compressionMethod } = entry;
  return {
    name,
    mark: `${crc}-${uncompressedSize}`,
    refused: refusal(entry),
    offset: relativeOffsetOfLocalHeader,
    packed: compressedSize,
    size: uncompressedSize,
    crc,
    method: compressionMethod,
  };
}

function refusal(entry: yauzl.Entry): string | undefined {
  const { compressedSize: packed, uncompressedSize: size, compressionMethod: method } = entry;
  const { partBytesMax, ratioMax, ratioFreeBytes } = exportLimits;
  if (entry.isEncrypted()) return 'is encrypted; unpack the archive with its password, and name the folder';
  if (method !== stored && method !== deflated) return `is packed by method ${method}; expected stored or deflated`;
  if (size > partBytesMax) return `unpacks to ${size} bytes, at most ${partBytesMax} are read`;
  if (size > ratioFreeBytes && size > packed * ratioMax)
    return `unpacks to ${Math.trunc(size / Math.max(1, packed))} times its size, at most ${ratioMax} is believed`;
  return undefined;
}

class OpenZip implements OpenExport {
  readonly #zip: yauzl.ZipFile;

  constructor(zip: yauzl.ZipFile) {
    this.#zip = zip;
  }

  async *bytes(part: Part): AsyncGenerator<Buffer, void, void> {
    const { size, packed } = part as ZipPart;
    try {
      const isSmall = size <= exportLimits.wholeBytesMax && packed <= exportLimits.wholeBytesMax;
      if (isSmall) yield await this.#whole(part as ZipPart);
      else yield* this.#streamed(part as ZipPart);
    } catch (error) {
      throw brokenOf(error, size);
    }
  }

  /** A day of most channels: at once it takes a third of the time, and is checked before anything of it is given. */
  async #whole(part: ZipPart): Promise<Buffer> {
    const { size, crc, method } = part;
    const pieces: Buffer[] = [];
    for await (const piece of await this.#packed(part)) pieces.push(piece as Buffer);
    const packed = Buffer.concat(pieces);
    const bytes = method === stored ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
    check(bytes.length === size && crc32(bytes) === crc);
    return bytes;
  }

  /** Of a file of any size: what is wrong with it shows when its end is reached. */
  async *#streamed(part: ZipPart): AsyncGenerator<Buffer, void, void> {
    const { size, crc, method } = part;
    let [seen, sum] = [0, 0];
    const packed = await this.#packed(part);
    // Whoever stops reading destroys the last of them; pipeline then ends the other, and frees the unpacker.
    const chunks = method === stored ? packed : pipeline(packed, createInflateRaw({ chunkSize }), () => undefined);
    for await (const chunk of chunks) {
      seen += (chunk as Buffer).length;
      // What it says of its size was believed before.
      if (seen > size) throw tooLong(size);
      sum = crc32(chunk as Buffer, sum);
      yield chunk as Buffer;
    }
    check(seen === size && sum === crc);
  }

  #packed({ offset, packed, size, method }: ZipPart): Promise<Readable> {
    const entry = Object.assign(new yauzl.Entry(), {
      relativeOffsetOfLocalHeader: offset,
      compressedSize: packed,
      uncompressedSize: size,
      compressionMethod: method,
      generalPurposeBitFlag: 0,
    });
    return this.#zip.openReadStreamPromise(entry, { decodeFileData: false } as yauzl.ZipFileOptions);
  }

  async close(): Promise<void> {
    this.#zip.close();
  }
}

function check(isRight: boolean): void {
  if (!isRight) throw new BrokenPart('zip_damaged', 'is not what it was when it was packed: its checksum differs');
}

function tooLong(size: number): BrokenPart {
  return new BrokenPart('zip_damaged', `unpacks to more than the ${size} bytes it says`);
}

/** What the system says (no such file, not allowed, a broken disk) stays as it is; all else is the archive's fault. */
function brokenOf(error: unknown, size: number): unknown {
  if (error instanceof BrokenPart || isSystem(error)) return error;
  if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return tooLong(size);
  return new BrokenPart('zip_damaged', `cannot be unpacked: ${(error as Error).message}`);
}

function failureOf(path: string, error: unknown): unknown {
  if (error instanceof NeedsAttention || isSystem(error) || (error as Error).name === 'AbortError') return error;
  return new NeedsAttention(
    'zip_damaged',
    `${path} is no zip that can be read: ${(error as Error).message}; copy or download it again`,
  );
}
