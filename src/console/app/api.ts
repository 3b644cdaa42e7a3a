// The API for the console: the public operations, called with the browser's session.
import { ApiProblem, request, requestLines, respond } from './http.ts';
import type { RequestOptions } from './http.ts';
import { checkSession, csrfHeader } from './session.ts';

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
  return watched(request<T>(path, options));
}

/** Passes an answer on, and notices if the session is no longer that of the page. */
async function watched<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isAboutSession(error)) void checkSession();
    throw error;
  }
}

/** The session has ended, or is not the one that the page shows. */
function isAboutSession(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return false;
  return error.status === 401 || (error.status === 403 && error.message.includes('X-CSRF-Token'));
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

  /** A file, to be read as a stream. */
  open: (path: string, parameters: Parameters, signal: AbortSignal): Promise<Response> =>
    watched(respond(withQuery(path, parameters), { headers: csrfHeader(), signal })),

  /** @param form sent as is, including empty values */
  post: <T>(
    path: string,
    form: Parameters = {},
    headers: Record<string, string> = {},
  ): Promise<T> =>
    call(path, { method: 'POST', body: toForm(form), headers: { ...headers, ...csrfHeader() } }),

  /** Hands on each line of the response as it arrives. */
  postForLines: (
    path: string,
    form: Parameters,
    onLine: (line: unknown) => void,
    signal: AbortSignal,
  ): Promise<void> =>
    watched(
      requestLines(
        path,
        { method: 'POST', body: toForm(form), headers: csrfHeader(), signal },
        onLine,
      ),
    ),

  delete: (path: string): Promise<void> => call(path, { method: 'DELETE', headers: csrfHeader() }),
};

/** Over plain http, crypto.randomUUID is not available. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
