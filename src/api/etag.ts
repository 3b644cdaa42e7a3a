// ETags (RFC 9110 §8.8.3) and If-None-Match (RFC 9110 §13.1.2).
import { hash } from 'node:crypto';

/** A weak validator: a compressing proxy may keep using it. */
export function etagOf(body: string | Buffer): string {
  return `W/"${hash('sha1', body, 'base64url')}"`;
}

/** @param ifNoneMatch the header as received */
export function hasNewest(ifNoneMatch: string, etag: string): boolean {
  const opaque = etag.replace(/^W\//, '');
  return ifNoneMatch
    .split(',')
    .map((candidate) => candidate.trim().replace(/^W\//, ''))
    .some((candidate) => candidate === '*' || candidate === opaque);
}
