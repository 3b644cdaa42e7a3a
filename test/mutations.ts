// Small changes of messages, reproducible, for tests that send what nobody should.
/** A whole number below `limit`. */
export type Random = (limit: number) => number;

/** Reproducible pseudorandom numbers (xorshift32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** One small change: a bit, an octet, or a piece removed, doubled, moved or inserted. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length);
  const end = Math.min(bytes.length, at + 1 + random(8));
  const [start, piece, rest] = [bytes.slice(0, at), bytes.slice(at, end), bytes.slice(end)];
  const noise = Uint8Array.from({ length: 1 + random(6) }, () => random(256));
  switch (random(7)) {
    case 0:
      return bytes.map((byte, index) => (index === at ? byte ^ (1 << random(8)) : byte));
    case 1:
      return bytes.map((byte, index) => (index === at ? random(256) : byte));
    case 2:
      return start;
    case 3:
      return Uint8Array.from([...start, ...rest]);
    case 4:
      return Uint8Array.from([...start, ...piece, ...piece, ...rest]);
    case 5:
      return Uint8Array.from([...start, ...noise, ...piece, ...rest]);
    default:
      return Uint8Array.from([...start, ...rest, ...piece]);
  }
}

/** What a member of a JSON object may be, and should not. */
export const ODD: unknown[] = [
  null,
  true,
  -1,
  1e99,
  [],
  {},
  '',
  ' ',
  '\u0000',
  'AA==',
  '%s',
  '../..',
  '🙂',
];
