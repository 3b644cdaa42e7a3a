// Reads the selected eSIM Profiles.
import { api } from '../api.ts';
import { isSelected } from '../selection.ts';
import type { Selection } from '../selection.ts';
import type { EsimProfile } from '../types.ts';

/** What an action needs to know about each. */
const COLUMNS = [
  'sid',
  'status',
  'iccid',
  'eid',
  'matching_id',
  'activation_code',
  'smdp_plus_address',
  'expires_at',
  'replaced_by_sid',
  'friendly_name',
  'metadata',
] as const;
export type Selected = Pick<EsimProfile, (typeof COLUMNS)[number]>;

/**
 * Newest first. Those that match a filter are read as one stream, whatever their number; of single ones, the page knows
 * the last state. Throws `ApiProblem`.
 * @param onCount called with the number so far
 */
export async function collect(
  chosen: Selection,
  signal: AbortSignal,
  onCount: (count: number) => void,
): Promise<Selected[]> {
  if (chosen.kind === 'some') {
    return [...chosen.profiles.values()].toSorted((one, other) => (one.sid < other.sid ? 1 : -1));
  }
  const { body } = await api.open(
    '/v1/ESimProfiles/Export',
    { ...chosen.filter, Format: 'jsonl', Columns: COLUMNS.join() },
    signal,
  );
  const found: Selected[] = [];
  let rest = '';
  for await (const text of textOf(body!)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const profile = JSON.parse(line) as Selected;
      if (isSelected(chosen, profile.sid)) found.push(profile);
    }
    onCount(found.length);
  }
  return found;
}

/** Not every browser can iterate over a stream. */
async function* textOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
