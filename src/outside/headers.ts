// Headers of an answer, as they came: names in lower case, one that came several times as a list.

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Several of one name are one list (RFC 9110). */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
