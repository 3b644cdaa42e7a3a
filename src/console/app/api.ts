// The API for the console: the public operations, called with the browser's session.
import { ApiProblem, request } from './http.ts';
import type { RequestOptions } from './http.ts';
import { csrfHeader, sessionEnded } from './session.ts';

export type Parameters = Record<string, string | readonly string[] | undefined>;

/** Appends the parameters that have a value to `path`, repeating those with several. */
export function withQuery(path: string, parameters: Parameters): string {
  const query = toForm(parameters).toString();
  return query === '' ? path : `${path}?${query}`;
}

function toForm(parameters: Parameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of typeof value === 'string' ? [value] : (value ?? [])) form.append(name, item);
  }
  return form;
}

async function call<T>(path: string, options: RequestOptions): Promise<T> {
  try {
    return await request<T>(path, options);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) sessionEnded();
    throw error;
  }
}

/** Each throws `ApiProblem`. */
export const api = {
  /**
   * The token tells the server that a page is calling. Over plain http nothing else does, and a 401 would open the
   * browser's sign-in dialog.
   */
  get: <T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> =>
    call(withQuery(path, parameters), {
      headers: csrfHeader(),
      ...(signal === undefined ? {} : { signal }),
    }),

  /** @param form sent as is, including empty values */
  post: <T>(
    path: string,
    form: Parameters = {},
    headers: Record<string, string> = {},
  ): Promise<T> =>
    call(path, { method: 'POST', body: toForm(form), headers: { ...headers, ...csrfHeader() } }),

  delete: (path: string): Promise<void> => call(path, { method: 'DELETE', headers: csrfHeader() }),
};

/** Over plain http, crypto.randomUUID is not available. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
