import assert from 'node:assert/strict';

/** The samples at an address of metrics, by name and labels. */
export async function samplesAt(url: string, signal?: AbortSignal): Promise<Map<string, number>> {
  const response = await fetch(url, signal === undefined ? {} : { signal });
  assert.equal(response.status, 200);
  const lines = (await response.text()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
