// A secret as a person gives it: through a pipe, or typed at a prompt that shows nothing. Never as an argument, which the
// process list and the shell's history would keep.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { InvalidInput } from '../../domain/errors.js';
import { isSecret } from '../../domain/secret-reference.js';
import { limits } from '../../limits.js';
import { interrupt } from '../interrupt.js';

export interface Typing {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Where the prompt goes. */
  readonly prompt: NodeJS.WritableStream;
}

/** Without the blanks around it. Throws InvalidInput, which does not repeat it. */
export async function givenSecret({ input, prompt }: Typing): Promise<string> {
  const secret = (input.isTTY === true ? await typed({ input, prompt }) : await piped(input)).trim();
  if (secret === '') throw new InvalidInput('secret', 'is empty; type it, or pipe it in');
  if (!isSecret(secret)) {
    throw new InvalidInput(
      'secret',
      'expected one word of plain characters: no blanks, line breaks or letters beyond ASCII',
    );
  }
  return secret;
}

async function piped(input: AsyncIterable<string | Buffer>): Promise<string> {
  let text = '';
  for await (const part of input) {
    text += part.toString();
    if (text.length > limits.secretBytesMax) {
      throw new InvalidInput('secret', `is longer than ${limits.secretBytesMax} bytes`);
    }
  }
  return text;
}

/** Empty when it was given up with Ctrl-D. Ctrl-C is the signal that it is elsewhere: this ends without an answer. */
async function typed({ input, prompt }: Typing): Promise<string> {
  // A terminal of readline's own: the real one does not repeat what is typed then, and what readline repeats goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  prompt.write('secret (not shown): ');
  const line = await new Promise<string>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
    // Keys come one by one here, and Ctrl-C is one of them. Closing gives the terminal back its echo.
    lines.once('SIGINT', () => {
      lines.removeAllListeners('close').close();
      prompt.write('\n');
      interrupt();
    });
  });
  lines.close();
  prompt.write('\n');
  return line;
}
