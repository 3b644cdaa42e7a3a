// The signatures of a callback, which prove to the receiver who is calling.
import { createHmac } from 'node:crypto';

/** What a callback is signed with. */
export interface SigningKeys {
  authToken: string;
  /** The account's secrets that are in use, newest first. */
  secrets: readonly Uint8Array[];
}

/**
 * `X-Twilio-Signature`.
 * @param url as called, with query, without fragment
 * @param parameters of the form body; none for GET, whose parameters are in the URL
 * @returns base64 of HMAC-SHA1 over the URL and the parameters sorted by name
 */
export function sign(authToken: string, url: string, parameters: [string, string][]): string {
  const sorted = parameters.toSorted(([left], [right]) => (left < right ? -1 : 1));
  const data = url + sorted.map(([name, value]) => name + value).join('');
  return createHmac('sha1', authToken).update(data).digest('base64');
}

/**
 * The headers of Standard Webhooks 1.0, with the time, so that a receiver can refuse a replay.
 * @param id of the callback, the same in every attempt
 * @param date of this attempt
 * @param content the body as sent; for GET, the query as called
 */
export function standardHeaders(
  secrets: readonly Uint8Array[],
  id: string,
  date: Date,
  content: string,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(date.getTime() / 1000));
  const signed = `${id}.${timestamp}.${content}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
