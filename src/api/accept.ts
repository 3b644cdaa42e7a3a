// The Accept header (RFC 9110 §12.5.1): which of several media types the client prefers.

interface MediaRange {
  range: string;
  quality: number;
}

/**
 * The media type that the client prefers, the first offered if several rank equally; undefined if it accepts none.
 * Parts of the header that cannot be parsed are ignored.
 * @param accept the header as received; undefined accepts everything
 */
export function preferredType<T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | undefined {
  const ranges = parseAccept(accept ?? '*/*');
  let best: { type: T; quality: number } | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  return best?.type;
}

function parseAccept(accept: string): MediaRange[] {
  return accept.split(',').flatMap((member) => {
    const [range = '', ...parameters] = member.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    if (!/^[^\s/]+\/[^\s/]+$/.test(range) || !/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight))
      return [];
    return { range, quality: Number(weight) };
  });
}

/** The most specific range that matches the type decides; 0: not acceptable. */
function qualityOf(type: string, ranges: MediaRange[]): number {
  const [family] = type.split('/', 1);
  for (const wanted of [type, `${family}/*`, '*/*']) {
    const found = ranges.filter(({ range }) => range === wanted);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}
