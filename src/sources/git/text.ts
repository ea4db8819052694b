// Bytes to text. git promises nothing about the bytes of a path, a name or a message; what is no text is kept beside it.
import { isAscii, isUtf8 } from 'node:buffer';

export interface Text {
  readonly text: string;
  /** The bytes in base64, where the text cannot give them back. */
  readonly bytes?: string | undefined;
  /** False when there are bytes that are no text: they read U+FFFD. */
  readonly valid: boolean;
  /** The bytes are in another encoding, by the commit's own word. */
  readonly converted?: true | undefined;
}

export function textOf(bytes: Buffer): Text {
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), valid: true };
  if (isUtf8(bytes)) return { text: bytes.toString(), valid: true };
  return { text: bytes.toString(), bytes: bytes.toString('base64'), valid: false };
}

/** What git converted bytes to; it leaves them alone where it cannot. */
export function convertedText(bytes: Buffer, converted: Buffer): Text {
  if (converted.equals(bytes)) return textOf(bytes);
  return { text: converted.toString(), bytes: bytes.toString('base64'), valid: isUtf8(converted), converted: true };
}

/** Step by step: a regular expression takes the square of the blanks that somebody puts in the middle. */
export function trimmed(text: string, blanks: string): string {
  let [from, to] = [0, text.length];
  while (from < to && blanks.includes(text[from]!)) from++;
  while (to > from && blanks.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}
