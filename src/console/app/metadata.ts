// Metadata of an eSIM Profile as a form has it: lines, of which some may still be empty.

export interface MetadataLine {
  key: string;
  value: string;
}

export function linesOf(metadata: Readonly<Record<string, string>> | undefined): MetadataLine[] {
  return Object.entries(metadata ?? {}).map(([key, value]) => ({ key, value }));
}

/** Lines without a key or a value count for nothing. @returns JSON for a new order, or undefined if there is none */
export function asJson(lines: readonly MetadataLine[]): string | undefined {
  const metadata = toMetadata(lines);
  return Object.keys(metadata).length === 0 ? undefined : JSON.stringify(metadata);
}

/** @returns JSON of what is other than before, null for what is gone; undefined if nothing is */
export function changeAsJson(
  before: Readonly<Record<string, string>> | undefined,
  lines: readonly MetadataLine[],
): string | undefined {
  const now = toMetadata(lines);
  const old = before ?? {};
  const gone = Object.keys(old).filter((key) => !Object.hasOwn(now, key));
  const change = Object.fromEntries([
    ...gone.map((key) => [key, null] as const),
    ...Object.entries(now).filter(([key, value]) => old[key] !== value),
  ]);
  return Object.keys(change).length === 0 ? undefined : JSON.stringify(change);
}

/** What is wrong with the lines; the API checks the rest. */
export function problemOfLines(lines: readonly MetadataLine[]): string | undefined {
  const keys = lines.map(({ key }) => key.trim());
  const twice = keys.find((key, at) => key !== '' && keys.indexOf(key) !== at);
  if (twice !== undefined) return `The key ${twice} is there twice.`;
  const nameless = lines.find(({ key, value }) => key.trim() === '' && value.trim() !== '');
  return nameless && `The value ${nameless.value.trim()} needs a key.`;
}

function toMetadata(lines: readonly MetadataLine[]): Record<string, string> {
  return Object.fromEntries(
    lines
      .map(({ key, value }) => [key.trim(), value.trim()] as const)
      .filter(([key, value]) => key !== '' && value !== ''),
  );
}
