// One request to the server: its response, or an `ApiProblem`. Independent of sessions.

export interface FileProblem {
  line: number;
  column?: string | null;
  message: string;
}

interface ErrorBody {
  code?: number;
  message?: string;
  detail?: string;
  problems?: FileProblem[];
  problem_count?: number;
}

/** The server refused a request, or could not be reached (`status` 0). */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly status: number;
  readonly code: number | undefined;
  readonly detail: string | undefined;
  /** Errors in an imported file. */
  readonly problems: FileProblem[];
  readonly problemCount: number;

  constructor(status: number, body: ErrorBody) {
    super(body.message ?? `The server answered ${status}`);
    this.status = status;
    this.code = body.code;
    this.detail = body.detail;
    this.problems = body.problems ?? [];
    this.problemCount = body.problem_count ?? this.problems.length;
  }

  /** The parameter that the message is about. */
  get parameter(): string | undefined {
    return (
      /parameter:? '?([A-Z]\w+)/.exec(this.message)?.[1] ?? /^([A-Z]\w+) /.exec(this.message)?.[1]
    );
  }

  /** The message without the prefix that names the parameter. */
  get reason(): string {
    return this.message.replace(/^Invalid parameter \w+: /, '');
  }
}

export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, { message: error instanceof Error ? error.message : String(error) });
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: NonNullable<RequestInit['body']>;
  signal?: AbortSignal;
}

/** A successful response, whose body is not read yet. Throws `ApiProblem`, or `AbortError` if the signal is aborted. */
export async function respond(path: string, options: RequestOptions = {}): Promise<Response> {
  const response = await fetch(path, { ...options, credentials: 'same-origin' }).catch(
    (error: unknown) => {
      if (options.signal?.aborted === true) throw error;
      throw new ApiProblem(0, { message: 'The server cannot be reached.' });
    },
  );
  if (!response.ok) throw new ApiProblem(response.status, parseJson(await response.text()) ?? {});
  return response;
}

/** Throws as `respond`. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await respond(path, options);
  return parseJson(await response.text()) as T;
}

/** Hands on each line of a response in JSON Lines as it arrives. Throws as `respond`. */
export async function requestLines(
  path: string,
  options: RequestOptions,
  onLine: (line: unknown) => void,
): Promise<void> {
  const { body } = await respond(path, options);
  if (body === null) return;
  let text = '';
  for await (const piece of piecesOf(body)) {
    const lines = (text + piece).split('\n');
    text = lines.pop()!;
    for (const line of lines) onLine(JSON.parse(line));
  }
}

async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

function parseJson(text: string): object | undefined {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    // The body comes from a proxy, not from our server.
    return undefined;
  }
}
