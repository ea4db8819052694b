// Whose faces the household knows. The list is a part of this package: a processor's answer must follow from the event alone,
// so another list is another version of the package.
import { readFile } from 'node:fs/promises';
import { Transient } from 'tributary-events';

/** @typedef {Readonly<Record<string, { readonly name: string, readonly role: string }>>} Household */

/** A machine that is short of files or busy for a moment: worth another try. */
const passing = ['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY'];

/**
 * Reads the list once; a failed read is asked again with the next event.
 *
 * @param {(path: URL) => Promise<Buffer>} read
 * @returns {() => Promise<Household>}
 */
export function householdFrom(read = readFile) {
  /** @type {Promise<Household> | undefined} */
  let asked;
  return () => {
    asked ??= householdIn(read).catch((error) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}

/** @param {(path: URL) => Promise<Buffer>} read @returns {Promise<Household>} */
async function householdIn(read) {
  try {
    return JSON.parse((await read(new URL('household.json', import.meta.url))).toString());
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (passing.includes(code)) throw new Transient('household_busy', `household.json: ${code}`, { cause: error });
    throw error;
  }
}
