// X-Twilio-Signature: proves to the receiver who is calling.
import { createHmac } from 'node:crypto';

/**
 * @param url as called, with query, without fragment
 * @param parameters of the form body; none for GET, whose parameters are in the URL
 * @returns base64 of HMAC-SHA1 over the URL and the parameters sorted by name
 */
export function sign(authToken: string, url: string, parameters: [string, string][]): string {
  const sorted = parameters.toSorted(([left], [right]) => (left < right ? -1 : 1));
  const data = url + sorted.map(([name, value]) => name + value).join('');
  return createHmac('sha1', authToken).update(data).digest('base64');
}
