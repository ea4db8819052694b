// A secret that is typed shows nothing of itself; one that is piped is one word.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { givenSecret } from '../../../src/clients/secrets/given-secret.js';

interface Keyboard {
  readonly answer: Promise<string>;
  /** Whatever was written for people to see. */
  readonly shown: () => string;
  /** Whether the terminal itself repeats what is typed. */
  readonly raw: () => boolean;
  readonly press: (keys: string) => void;
}

function keyboard(): Keyboard {
  let [shown, raw, wasRaw] = ['', false, false];
  const setRawMode = (mode: boolean): void => {
    raw = mode;
    wasRaw ||= mode;
  };
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
  const prompt = new PassThrough().on('data', (part: Buffer) => (shown += part.toString()));
  const answer = givenSecret({ input, prompt });
  return { answer, shown: () => shown, raw: () => wasRaw && !raw, press: (keys) => void input.write(keys) };
}

test('typed, it is shown nowhere; mistakes can be taken back, and the terminal is as it was', async () => {
  const { answer, shown, raw, press } = keyboard();
  press('canarx');
  press('\x7fy-1\r');
  expect(await answer).toBe('canary-1');
  expect([shown(), raw()]).toEqual(['secret (not shown): \n', true]);
});

test.each([
  ['Ctrl-D', '\x04'],
  ['the enter key alone', '\r'],
])('%s gives nothing up', async (_key, pressed) => {
  const { answer, shown, raw, press } = keyboard();
  press(pressed);
  await expect(answer).rejects.toThrow('secret: is empty; type it, or pipe it in');
  expect([shown(), raw()]).toEqual(['secret (not shown): \n', true]);
});

function piped(...parts: string[]): Promise<string> {
  const input = new PassThrough();
  for (const part of parts) input.write(part);
  input.end();
  return givenSecret({ input, prompt: new PassThrough() });
}

test('piped, it is all there is but for blanks around it', async () => {
  expect(await piped(' can', 'ary-2', '\n')).toBe('canary-2');
});

test.each([
  ['nothing', '', 'is empty'],
  ['two words', 'canary b', 'expected one word of plain characters'],
  ['two lines', 'canary\nb\n', 'expected one word of plain characters'],
  ['letters beyond ASCII', 'canäry', 'expected one word of plain characters'],
  ['more than any secret', 'canary'.repeat(4_000), 'is longer than 16384 bytes'],
])('%s is refused, and not repeated', async (_what, text, expected) => {
  const error = await piped(text).catch((refused: Error) => refused);
  expect(error).toMatchObject({ field: 'secret', next: 'refuse' });
  expect((error as Error).message).toContain(expected);
  expect((error as Error).message).not.toContain('can');
});
