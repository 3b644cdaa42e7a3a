// What the operations that count a list have in common.
import { COUNT_LIMIT } from '../operator/find-esim-profiles.ts';
import { ref } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import type { Answer } from './operation.ts';

/** @param records what is counted, in words */
export const countDescription = (records: string, list: string) =>
  `Ours: how many ${records} ${list} lists with the same filters, up to ${COUNT_LIMIT}.`;

export const COUNT_RESPONSES = {
  200: { description: 'The number.', schema: ref('Count') },
};

export function countAnswer(counted: { count: number; more: boolean }): Answer {
  const body = JSON.stringify(counted);
  return { status: 200, body, etag: etagOf(body) };
}
