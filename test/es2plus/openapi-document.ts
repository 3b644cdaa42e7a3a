// The OpenAPI document of ES2+, and what matches its schemas.
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import { es2plusDocument as makeDocument } from '../../src/es2plus/openapi.ts';

export const es2plusDocument: any = JSON.parse(JSON.stringify(makeDocument()));

const ajv = new Ajv.default({ strict: false, allErrors: true });
ajv.addSchema(es2plusDocument as object, 'es2plus');

/** Asserts that a value matches a schema of the document. */
export function es2plusSchema(schema: object, value: unknown, name: string): void {
  const text = JSON.stringify(schema).replaceAll('"#/', '"es2plus#/');
  const validate = ajv.compile(JSON.parse(text) as object);
  assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)}`);
}
