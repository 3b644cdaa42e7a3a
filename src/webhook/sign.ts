// X-Twilio-Signature: proves to a receiver who calls.
import { createHmac } from 'node:crypto';

/**
 * @param url as it is called, with its query and without its fragment
 * @param parameters of the form body; none for GET, whose parameters are in the URL
 * @returns base64 of HMAC-SHA1 over the URL and the parameters in the order of their names
 */
export function sign(authToken: string, url: string, parameters: [string, string][]): string {
  const sorted = parameters.toSorted(([left], [right]) => (left < right ? -1 : 1));
  const data = url + sorted.map(([name, value]) => name + value).join('');
  return createHmac('sha1', authToken).update(data).digest('base64');
}
