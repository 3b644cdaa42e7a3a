// Checks answers against the OpenAPI document that the server itself gives.
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Reply } from './server.ts';

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, ResponseObject> }>>;
}
interface ResponseObject {
  content?: Record<string, { schema: object }>;
}

export type ResponseChecker = (method: string, path: string, reply: Reply) => void;

export async function responseChecker(url: string): Promise<ResponseChecker> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const ajv = new Ajv.default({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  // A path without parameters goes before one that it fits too.
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
    if (mediaType !== 'application/json') return;
    assert.equal(contentType, 'application/json; charset=utf-8');
    const validate = ajv.getSchema(
      `document#/paths/${found.pointer}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`,
    );
    assert.ok(validate, 'the document holds a schema for the answer');
    assert.ok(
      validate(reply.json),
      `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`,
    );
  };
}
