// Uploads a file and reports progress, which XMLHttpRequest supports and fetch does not.
import { ApiProblem } from './http.ts';
import { checkSession, csrfHeader } from './session.ts';

export interface Upload<T> {
  done: Promise<T>;
  abort: () => void;
}

/** @param onProgress called with the share sent, from 0 to 1 @returns `done` rejects with `ApiProblem` */
export function upload<T>(
  path: string,
  file: Blob | string,
  type: string,
  onProgress: (share: number) => void,
  headers: Record<string, string> = {},
): Upload<T> {
  const request = new XMLHttpRequest();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  request.open('POST', path);
  request.setRequestHeader('Content-Type', type);
  for (const [name, value] of Object.entries({ ...headers, ...csrfHeader() })) {
    request.setRequestHeader(name, value);
  }
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    if (total > 0) onProgress(loaded / total);
  });
  request.addEventListener('load', () => {
    if (request.status === 401 || request.status === 403) void checkSession();
    const body = parse(request.responseText);
    if (request.status >= 200 && request.status < 300) resolve(body as T);
    else reject(new ApiProblem(request.status, body));
  });
  request.addEventListener('error', () =>
    reject(new ApiProblem(0, { message: 'The server cannot be reached.' })),
  );
  request.addEventListener('abort', () =>
    reject(new ApiProblem(0, { message: 'The import was stopped.' })),
  );
  request.send(file);
  return { done: promise, abort: () => request.abort() };
}

function parse(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}
