import type { FastifyRequest } from 'fastify';

/** The path of a request, without its query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

/** The path as it may be logged: whoever has the link to an install page can use it. */
export function loggedPathOf(request: FastifyRequest): string {
  const path = pathOf(request);
  // As the router reads it: `%69` is an i.
  const found = /^(.*?\/i\/)./is.exec(decoded(path));
  return found === null ? path : `${found[1]}…`;
}

/** Byte by byte: what is not UTF-8 can still be read. */
function decoded(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
