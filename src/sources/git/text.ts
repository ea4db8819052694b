// Bytes to text. git promises nothing about the bytes of a path, a name or a message; what is no text is kept beside it.
import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

export interface Text {
  readonly text: string;
  /** The bytes in base64, where the text cannot give them back. */
  readonly bytes?: string | undefined;
  /** False when there were bytes no encoding explains: they read U+FFFD. */
  readonly valid: boolean;
}

/** `encoding` is the commit's own header, as git writes it for a message that is not UTF-8. */
export function textOf(bytes: Buffer, encoding?: string): Text {
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), valid: true };
  const decoder = encoding === undefined ? undefined : decoderOf(encoding);
  if (decoder !== undefined) return decoded(bytes, decoder);
  if (isUtf8(bytes)) return { text: bytes.toString(), valid: true };
  return { text: bytes.toString(), bytes: bytes.toString('base64'), valid: false };
}

function decoded(bytes: Buffer, decoder: TextDecoder): Text {
  const base64 = bytes.toString('base64');
  try {
    return { text: decoder.decode(bytes), bytes: base64, valid: true };
  } catch {
    return { text: bytes.toString(), bytes: base64, valid: false };
  }
}

/** Undefined for UTF-8, which needs none, and for a name nobody knows. */
function decoderOf(encoding: string): TextDecoder | undefined {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    return decoder.encoding === 'utf-8' ? undefined : decoder;
  } catch {
    return undefined;
  }
}
