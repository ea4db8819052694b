// What a Content-Type header says.

/** Without parameters, in lower case; empty where there is none. */
export function essenceOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** JSON is UTF-8 (RFC 8259); a charset that says another is not believed. */
export function isUtf8Type(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType ?? '')?.[1];
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset);
}

export function isJsonType(essence: string): boolean {
  return /^(application|text)\/json$|\+json$/.test(essence);
}
