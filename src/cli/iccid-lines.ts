// ICCIDs from lines of files, as people have them: alone, in answers of the API, in parameters of callbacks.
import { parseIccid } from '../rsp/iccid.ts';
import { UserError } from './user-error.ts';

/** Skips empty lines, and JSON without an ICCID. Throws `UserError` for anything else. */
export async function* knownIccids(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<string> {
  let number = 0;
  for await (const line of lines) {
    number++;
    const text = line.trim();
    if (text === '') continue;
    const named = text.startsWith('{') ? fieldOf(text, number) : text;
    if (named === undefined) continue;
    const iccid = parseIccid(named);
    if (iccid === undefined) {
      throw new UserError(
        `line ${number}: expected an ICCID, or JSON with one as iccid or Iccid; got '${named.slice(0, 80)}'`,
      );
    }
    yield iccid;
  }
}

function fieldOf(text: string, number: number): string | undefined {
  let value: { iccid?: unknown; Iccid?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch (cause) {
    throw new UserError(`line ${number}: invalid JSON: ${(cause as Error).message}`, { cause });
  }
  const iccid = value.iccid ?? value.Iccid;
  return typeof iccid === 'string' && iccid !== '' ? iccid : undefined;
}
