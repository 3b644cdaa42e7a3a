// The log of a session, in the session's row: what its calls write, in the statement that moves the session on. Each
// entry is a line of JSON and the octets of its messages.
import type { LoggedSession } from '../../store/rsp-sessions.ts';
import type { RspLogRow } from '../../store/schema.ts';
import type { LoggedCall } from './call.ts';
import { fromLoggedParts } from './logged-message.ts';
import type { Logged, LoggedPart } from './logged-message.ts';

/** Written in this order, without a null at the end. New ones are added at the end. */
const FIELDS = [
  'sid',
  'function',
  'date_created',
  'duration_ms',
  'status',
  'lpa',
  'address',
  'eid',
  'tac',
  'imei',
  'message',
  'subject_code',
  'reason_code',
  'binding',
] as const satisfies (keyof RspLogRow)[];

/** A line of text, or the octets that follow: their name, how many, and where the certificate was taken out. */
type Piece = string | [name: string, length: number, at?: number];
type Header = [fields: unknown[], request: Piece[], response?: Piece[]];

const NEW_LINE = 0x0a;

/**
 * What identifies the session is not repeated in its log, nor is the certificate of its eUICC, which a message contains.
 * @param rows calls of the session
 * @param euiccCertificate base64 of DER
 */
export function encodeSessionLog(
  rows: readonly LoggedCall[],
  euiccCertificate: string,
): Uint8Array {
  const certificate = Uint8Array.fromBase64(euiccCertificate);
  return Buffer.concat(rows.flatMap((row) => encodeEntry(row, certificate)));
}

function encodeEntry(row: LoggedCall, certificate: Uint8Array): Uint8Array[] {
  const octets: Uint8Array[] = [];
  const pieceOf = (part: LoggedPart): Piece => {
    if (typeof part === 'string') return part;
    const { buffer, byteOffset, byteLength } = part.der;
    const at = Buffer.from(buffer, byteOffset, byteLength).indexOf(certificate);
    const rest =
      at === -1
        ? [part.der]
        : [part.der.subarray(0, at), part.der.subarray(at + certificate.length)];
    octets.push(...rest);
    const length = rest.reduce((sum, { length: each }) => sum + each, 0);
    return at === -1 ? [part.name, length] : [part.name, length, at];
  };
  const piecesOf = (logged: Logged) => logged.map(pieceOf);
  const fields = FIELDS.map((field) => row[field]);
  const written = fields.slice(0, fields.findLastIndex((value) => value !== null) + 1);
  const header: Header = [written, piecesOf(row.request)];
  if (row.response !== null) header.push(piecesOf(row.response));
  return [Buffer.from(`${JSON.stringify(header)}\n`), ...octets];
}

/** The calls of a session, in the order in which they were written. Throws if the log is damaged. */
export function decodeSessionLog(session: LoggedSession): RspLogRow[] {
  const { account_sid, ordered_by, transaction_id, euicc_certificate } = session;
  const log = Buffer.from(session.log ?? []);
  const certificate = Uint8Array.fromBase64(euicc_certificate ?? '');
  const rows: RspLogRow[] = [];
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > log.length)
      throw new RangeError(`the log of session ${transaction_id} is cut short`);
    const taken = log.subarray(at, at + length);
    at += length;
    return taken;
  };
  const partOf = (piece: Piece): LoggedPart => {
    if (typeof piece === 'string') return piece;
    const [name, length, cut] = piece;
    const octets = take(length);
    if (cut === undefined) return { name, der: octets };
    return {
      name,
      der: Buffer.concat([octets.subarray(0, cut), certificate, octets.subarray(cut)]),
    };
  };
  while (at < log.length) {
    const end = log.indexOf(NEW_LINE, at);
    const line = take((end === -1 ? log.length : end) + 1 - at);
    const [fields, request, response] = JSON.parse(line.toString()) as Header;
    rows.push({
      ...(Object.fromEntries(FIELDS.map((field, index) => [field, fields[index] ?? null])) as Pick<
        RspLogRow,
        (typeof FIELDS)[number]
      >),
      account_sid: account_sid ?? '',
      esim_profile_sid: ordered_by ?? '',
      transaction_id,
      request: fromLoggedParts(request.map(partOf)),
      response: response === undefined ? null : fromLoggedParts(response.map(partOf)),
    });
  }
  return rows;
}

/** The last TAC in the log of a session, with the SID of its call. The messages are passed over. */
export function loggedModel({
  log,
}: Pick<LoggedSession, 'log'>): { sid: string; tac: string } | undefined {
  const bytes = Buffer.from(log ?? []);
  let found: { sid: string; tac: string } | undefined;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEW_LINE, at);
    if (end === -1) break;
    const [fields, request, response = []] = JSON.parse(bytes.toString('utf8', at, end)) as Header;
    const [sid, tac] = [fields[FIELDS.indexOf('sid')], fields[FIELDS.indexOf('tac')]];
    if (typeof sid === 'string' && typeof tac === 'string') found = { sid, tac };
    const octets = [...request, ...response].map((piece) =>
      typeof piece === 'string' ? 0 : piece[1],
    );
    at = octets.reduce((sum, length) => sum + length, end + 1);
  }
  return found;
}
