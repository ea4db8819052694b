// The search attributes syncs write. A namespace that does not know them fails every workflow task that upserts one, for
// ever and unseen; so the worker adds what is missing and, where it may not, syncs run without.
import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';

const { INDEXED_VALUE_TYPE_KEYWORD: keyword, INDEXED_VALUE_TYPE_INT: int } =
  proto.temporal.api.enums.v1.IndexedValueType;

export const searchAttributeTypes = {
  TributarySource: keyword,
  TributarySourceType: keyword,
  TributaryState: keyword,
  TributaryEvents: int,
  TributaryProgress: keyword,
} as const;

/** True when all are there now. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<boolean> {
  try {
    const missing = await missingSearchAttributes(connection, namespace);
    if (Object.keys(missing).length === 0) return true;
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
    return Object.keys(await missingSearchAttributes(connection, namespace)).length === 0;
  } catch {
    // No right to, or a quota is used up: syncs work without being listed by state.
    return false;
  }
}

/** Those that are not there, or of another type. */
export async function missingSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<Record<string, proto.temporal.api.enums.v1.IndexedValueType>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.fromEntries(
    Object.entries(searchAttributeTypes).filter(([name, type]) => customAttributes?.[name] !== type),
  );
}
