// The validators of requests, which are compiled when they are first used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeSchema } from '../../src/api/openapi.ts';
import { OPERATIONS } from '../../src/api/operations.ts';
import { validatorCompiler, validatorOf } from '../../src/api/validators.ts';

const compile = (schema: object, httpPart: string) =>
  validatorCompiler({ schema, method: 'POST', url: '/', httpPart });

test('the schema of every operation can be compiled', () => {
  for (const operation of OPERATIONS) {
    const { headers, querystring, params } = routeSchema(operation);
    for (const [httpPart, schema] of Object.entries({ headers, querystring, params })) {
      if (schema !== undefined) compile(schema as object, httpPart)({});
    }
    if (operation.body !== undefined) validatorOf(operation.body)({});
  }
});

test('equal schemas have one validator', () => {
  const schema = () => ({ type: 'object', properties: { Own: { type: 'integer' } } });
  assert.equal(validatorOf(schema()), validatorOf(schema()));
});

test('headers are validated although Fastify has their names in lower case', () => {
  const properties = { 'Own-Key': { type: 'string', minLength: 1 } };
  const validate = compile({ type: 'object', properties }, 'headers');
  assert.equal(validate({ 'own-key': '' }), false);
  assert.equal(validate.errors?.[0]?.keyword, 'minLength');
  assert.equal(validate({ 'own-key': 'a' }), true);
});
