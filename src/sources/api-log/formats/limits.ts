// Every bound of the line formats, with its unit and its reason.

export const formatLimits = {
  /** Characters of a format that a person gives: the longest in nginx's and Apache's documents have under 1,000. */
  formatCharsMax: 16_384,
  /** Fields of one format, columns of one `#Fields:` line; IIS has 22 and CloudFront 33. */
  fieldsMax: 256,
  /** Characters of a `#Fields:` line, which travels with each record. */
  layoutCharsMax: 8_192,
  /** Characters looked at ahead of a field to see that it begins here; the longest time has under 64. */
  aheadChars: 64,
  /** Nesting of a JSON line that is kept in `extra`; the engine allows 100 in an event's data. */
  depthMax: 32,
  /** Lines that `auto` looks at; a log that begins with garbage is asked again with later lines. */
  lookLines: 50,
  /** Formats kept compiled, by format and zone: each source has one. */
  compiledMax: 64,
  /** Offsets kept of one zone, one for each quarter of an hour that a log speaks of: a quarter of a year. */
  zoneCacheMax: 8_640,
} as const;
