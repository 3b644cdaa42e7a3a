// Activation codes are as good as the profile until it is installed, so a report shows them only if asked to.

/** Shorter ones are no secrets, and would be found everywhere. */
const SHORTEST = 6;

/** Replaces every code by as many asterisks, and leaves its dashes: a message stays as long, and can be decoded. */
export interface CodeHider {
  /** @returns the same bytes if they contain no code */
  bytes: (bytes: Uint8Array) => Uint8Array;
  /** In all texts of a JSON value. */
  json: (value: unknown) => unknown;
}

/** @param codes matching IDs */
export function codeHider(codes: readonly string[]): CodeHider {
  const known = [...new Set(codes)].filter((code) => code.length >= SHORTEST);
  const patterns = known.flatMap((code) => {
    const compact = code.replaceAll('-', '');
    const forms = [code, compact, Buffer.from(code).toString('hex')];
    return forms.map((form) => new RegExp(RegExp.escape(form), 'gi'));
  });
  const text = (given: string) =>
    patterns.reduce(
      (hidden, pattern) => hidden.replace(pattern, (found) => found.replaceAll(/[^-]/g, '*')),
      given,
    );
  const bytes = (given: Uint8Array): Uint8Array => {
    // Each octet as a character, so that nothing but the codes changes.
    const latin = Buffer.from(given).toString('latin1');
    const hidden = text(latin);
    return hidden === latin ? given : Buffer.from(hidden, 'latin1');
  };
  const json = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, json(one)]));
  };
  return { bytes, json };
}
