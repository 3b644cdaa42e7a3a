// Messages in the RSP log, stored as bytes and converted to text when read.
import type { PrepareDownloadResponse } from '../../rsp/definitions/prepare-download.ts';
import type { MessageName } from '../../rsp/describe.ts';
import { describeMessage } from '../../rsp/describe.ts';

const MARK = 'DER ';
/** Octets; eUICCs send about 3,000. */
const LIMIT = 16 * 1024;

/** What is logged of a request or a response: text, and messages. */
export type Logged = readonly LoggedPart[];

/** @param der of a valid message without secrets */
export function loggedMessage(name: MessageName, der: Uint8Array): Logged {
  if (der.length > LIMIT) return [`-- ${name} of ${der.length} octets: too long to keep --`];
  return [{ name, der }];
}

/** A message with a hash of the confirmation code, which is as secret as the code: logged as text, which omits it. */
export function loggedPrepareDownloadResponse(
  name: 'PrepareDownloadResponse',
  der: Uint8Array,
  { downloadResponseOk: ok }: PrepareDownloadResponse,
): Logged {
  const isSecret = ok?.euiccSigned2.value.hashCc !== undefined;
  return isSecret && der.length <= LIMIT ? [describeMessage(name, der)] : loggedMessage(name, der);
}

/** Part of a column of the log: text, or a message. */
export type LoggedPart = string | { name: string; der: Uint8Array };

/** The parts of a column of the log. */
export function loggedParts(text: string): LoggedPart[] {
  if (!text.includes(MARK)) return [text];
  return text.split('\n').map((line) => {
    if (!line.startsWith(MARK)) return line;
    const [name = '', base64 = ''] = line.slice(MARK.length).split(' ');
    return { name, der: Uint8Array.fromBase64(base64) };
  });
}

/** A column of the log. */
export function fromLoggedParts(parts: Logged): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : `${MARK}${part.name} ${part.der.toBase64()}`))
    .join('\n');
}

/** A column of the log in ASN.1 value notation. */
export function describeLogged(text: string): string {
  return loggedParts(text)
    .map((part) =>
      typeof part === 'string' ? part : describeMessage(part.name as MessageName, part.der),
    )
    .join('\n');
}
