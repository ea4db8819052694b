// Formats that have names, in the words of Apache; nginx writes the same, and its escapes are read the same (decoding.ts).

export const namedPatterns: Readonly<Record<string, string>> = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
  /** Of Debian's Apache: other_vhosts_access.log. */
  vhost_combined: '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"',
  /** `log_format main` of the nginx.conf that nginx's packages bring. */
  main: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i"',
};
