// The form of a batch: what it asks of the API.
import { withQuery } from '../api.ts';
import type { Parameters } from '../api.ts';
import type { Upload } from '../upload.ts';
import { upload } from '../upload.ts';
import { problemOfCallbackUrl, quoted, toParameters } from './order.ts';
import type { Order } from './order.ts';

export const BATCHES = '/v1/ESimProfiles/Batches';
export const ITEM_LIMIT = 10_000;
const MEBIBYTE = 1024 * 1024;
const BODY_LIMIT = 8 * MEBIBYTE;

export interface BatchFile {
  name: string;
  /** Read when it was chosen, so that it is sent as it was previewed. */
  content: Blob;
}

export interface BatchForm {
  source: 'count' | 'file';
  Count: string;
  file: BatchFile | undefined;
  /** Of a file: whether items get an activation code unless their line says otherwise. */
  withCodes: boolean;
  AllOrNothing: boolean;
  BatchCallbackUrl: string;
  BatchCallbackMethod: 'POST' | 'GET';
}

export const EMPTY_BATCH: BatchForm = {
  source: 'count',
  Count: '',
  file: undefined,
  withCodes: true,
  AllOrNothing: false,
  BatchCallbackUrl: '',
  BatchCallbackMethod: 'POST',
};

export interface BatchProblems {
  Count?: string;
  file?: string;
  BatchCallbackUrl?: string;
}

/** Error messages for the user. */
export function checkBatch(form: BatchForm): BatchProblems {
  const problems: BatchProblems = {};
  const of = form.source === 'count' ? problemOfCount(form.Count) : problemOfFile(form.file);
  if (of !== undefined) problems[form.source === 'count' ? 'Count' : 'file'] = of;
  const url = problemOfCallbackUrl(form.BatchCallbackUrl.trim());
  if (url !== undefined) problems.BatchCallbackUrl = url;
  return problems;
}

function problemOfCount(text: string): string | undefined {
  const digits = plainNumber(text);
  if (digits === '') return 'Enter how many profiles to order.';
  if (/^\d+$/.test(digits) && Number(digits) >= 1 && Number(digits) <= ITEM_LIMIT) return undefined;
  return `Enter a whole number from 1 to ${ITEM_LIMIT.toLocaleString()}.`;
}

function problemOfFile(file: BatchFile | undefined): string | undefined {
  if (file === undefined) return 'Choose a file.';
  if (file.content.size <= BODY_LIMIT) return undefined;
  return `This file has ${Math.ceil(file.content.size / MEBIBYTE)} MiB; the limit is 8 MiB.`;
}

/** "1,000" and "1 000" are how people write it. */
const plainNumber = (text: string) => text.trim().replaceAll(/(?<=\d)[\s,](?=\d{3}(?!\d))/g, '');

export interface BatchRequest {
  query: Parameters;
  body: Blob | string;
  type: string;
}

export function toRequest(form: BatchForm, order: Order): BatchRequest {
  const url = form.BatchCallbackUrl.trim();
  const { GenerateMatchingId: _codes, ...parameters } = toParameters(order);
  const ofBatch: Parameters = {
    GenerateMatchingId: form.source === 'count' || form.withCodes ? 'true' : undefined,
    AllOrNothing: form.AllOrNothing ? 'true' : undefined,
    BatchCallbackUrl: url || undefined,
    BatchCallbackMethod: url === '' ? undefined : form.BatchCallbackMethod,
  };
  if (form.source === 'count') {
    const all = { Count: plainNumber(form.Count), ...ofBatch, ...parameters };
    const body = withQuery('', all).slice(1);
    return { query: {}, body, type: 'application/x-www-form-urlencoded' };
  }
  // A confirmation code does not belong into a URL, and a name is that of one profile.
  const { ConfirmationCode: _code, FriendlyName: _name, ...inUrl } = parameters;
  return {
    query: { ...ofBatch, ...inUrl },
    body: form.file?.content ?? new Blob(),
    type: 'text/csv',
  };
}

/** @param key not of a dry run */
export function send<T>(
  { query, body, type }: BatchRequest,
  key?: string,
  onProgress: (share: number) => void = () => {},
): Upload<T> {
  const path = withQuery(BATCHES, key === undefined ? { ...query, DryRun: 'true' } : query);
  return upload<T>(
    path,
    body,
    type,
    onProgress,
    key === undefined ? {} : { 'Idempotency-Key': key },
  );
}

/** The same request has the same text; of a file, see its content. */
export function textOf({ query, body }: BatchRequest): string {
  return withQuery(typeof body === 'string' ? body : '', query);
}

/** The same by curl. */
export function asCurl(form: BatchForm, order: Order, origin: string): string {
  const { query, body } = toRequest(form, order);
  const start = 'curl -u $ACCOUNT_SID:$AUTH_TOKEN';
  if (typeof body === 'string') {
    const fields = Array.from(new URLSearchParams(body), (pair) => quoted(pair.join('=')));
    return [
      `${start} \\\n  ${origin}${BATCHES}`,
      ...fields.map((one) => `--data-urlencode ${one}`),
    ].join(' \\\n  ');
  }
  const path = quoted(`${origin}${withQuery(BATCHES, query)}`);
  return `${start} \\\n  ${path} \\\n  -H 'Content-Type: text/csv' \\\n  --data-binary ${quoted(`@${form.file?.name ?? 'devices.csv'}`)}`;
}
