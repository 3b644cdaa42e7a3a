// Checks responses against the server's own OpenAPI document.
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Reply } from './server.ts';

export interface Document extends Shared {
  paths: Record<string, Record<string, { responses: Record<string, ResponseObject> }>>;
}
interface Shared {
  components: { responses: Record<string, ResponseObject> };
}
interface ResponseObject {
  $ref?: string;
  headers?: Record<string, object>;
  content?: Record<string, { schema: object }>;
}

/** Headers of the connection and the body, which a document does not declare. */
const OF_HTTP = /^(connection|content-(length|type)|date|keep-alive|transfer-encoding)$/;
const EVENT_STREAM = 'text/event-stream';

export type ResponseChecker = (method: string, path: string, reply: Reply) => void;

/** The data of server-sent events, without an unfinished message at the end. */
function dataOf(text: string): unknown[] {
  const complete = text.slice(0, text.lastIndexOf('\n\n') + 1);
  return Array.from(complete.matchAll(/^data: (.*)$/gm), ([, data]): unknown => JSON.parse(data!));
}

/** Puts the responses that several operations share in the place of the references to them. */
export function withWholeResponses<T extends Document>(document: T): T {
  for (const path of Object.values(document.paths)) {
    for (const { responses } of Object.values(path)) {
      for (const [status, { $ref }] of Object.entries(responses)) {
        const name = $ref?.slice('#/components/responses/'.length);
        if (name !== undefined) responses[status] = document.components.responses[name]!;
      }
    }
  }
  return document;
}

let checker: Promise<ResponseChecker> | undefined;

/** Made once for all servers of this process: they have one document. */
export function responseChecker(url: string): Promise<ResponseChecker> {
  checker ??= makeChecker(url);
  return checker;
}

async function makeChecker(url: string): Promise<ResponseChecker> {
  const answer = await fetch(`${url}/openapi.json`);
  const document = withWholeResponses((await answer.json()) as Document);
  // Each schema is used a few times: compiling it well takes longer than it saves.
  const quick = { inlineRefs: false, code: { optimize: false } };
  const ajv = new Ajv.default({ strict: false, allErrors: true, ...quick });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  // A path without parameters takes precedence over a matching one with them.
  const known = Object.entries(document.paths).toSorted(
    ([left], [right]) => left.split('{').length - right.split('{').length,
  );
  const paths = known.map(([path, operations]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    pointer: path
      .replaceAll('~', '~0')
      .replaceAll('/', '~1')
      .replaceAll('{', '%7B')
      .replaceAll('}', '%7D'),
    operations,
  }));

  return (method, target, reply) => {
    const path = new URL(target, url).pathname;
    const found = paths.find(({ pattern }) => pattern.test(path));
    const operation = found?.operations[method.toLowerCase()];
    if (found === undefined || operation === undefined) return;
    const { status } = reply;
    const response = operation.responses[status];
    assert.ok(
      response,
      `${method} ${path} answered ${status}, which the document does not declare`,
    );
    const declared = new Set(
      Object.keys(response.headers ?? {}).map((header) => header.toLowerCase()),
    );
    for (const name of reply.headers.keys()) {
      const isKnown = declared.has(name) || OF_HTTP.test(name);
      assert.ok(
        isKnown,
        `${method} ${path} ${status} has ${name}, which the document does not declare`,
      );
    }
    if (response.content === undefined) {
      assert.equal(reply.text, '');
      return;
    }
    const contentType = reply.headers.get('content-type') ?? 'nothing';
    const [mediaType] = contentType.split(';');
    assert.ok(
      response.content[mediaType!],
      `${method} ${path} ${status} is ${contentType}, which the document does not declare`,
    );
    const streamed = mediaType === EVENT_STREAM;
    if (mediaType !== 'application/json' && !streamed) return;
    assert.equal(contentType, `${mediaType}; charset=utf-8`);
    const validate = ajv.getSchema(
      streamed
        ? `document#/components/schemas/${path === '/v1/Events' ? 'StreamedEvent' : 'StreamedEuiccEvent'}`
        : `document#/paths/${found.pointer}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`,
    );
    assert.ok(validate, 'the document holds a schema for the answer');
    for (const json of streamed ? dataOf(reply.text) : [reply.json]) {
      assert.ok(validate(json), `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`);
    }
  };
}
