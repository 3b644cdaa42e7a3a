// The OpenAPI document of ES2+: its examples match it, and it has every refusal that the code has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { functions } from '../../src/es2plus/functions.ts';
import type { FunctionName } from '../../src/es2plus/functions.ts';
import { REFUSALS } from '../../src/es2plus/openapi-refusals.ts';
import { es2plusDocument, es2plusSchema } from './openapi-document.ts';

const SRC = join(import.meta.dirname, '../../src');

describe('the OpenAPI document of ES2+', () => {
  test('has every function of §5.3, with examples that match their schemas', () => {
    const { paths, webhooks } = es2plusDocument;
    assert.deepEqual(
      [...Object.keys(paths), ...Object.keys(webhooks)],
      [
        '/gsma/rsp2/es2plus/downloadOrder',
        '/gsma/rsp2/es2plus/confirmOrder',
        '/gsma/rsp2/es2plus/cancelOrder',
        '/gsma/rsp2/es2plus/releaseProfile',
        'handleDownloadProgressInfo',
      ],
    );
    const posts = [...Object.values<any>(paths), ...Object.values<any>(webhooks)];
    for (const { post } of posts) {
      const body = post.requestBody.content['application/json'];
      es2plusSchema(body.schema, body.example, post.operationId);
      for (const { content } of Object.values<any>(post.responses)) {
        if (content === undefined) continue;
        const {
          schema,
          example,
          examples = { only: { value: example } },
        } = content['application/json'];
        for (const [name, { value }] of Object.entries<any>(examples)) {
          es2plusSchema(schema, value, `${post.operationId} ${name}`);
        }
      }
    }
    const { properties } =
      paths['/gsma/rsp2/es2plus/downloadOrder'].post.responses[200].content['application/json']
        .schema.anyOf[0];
    assert.deepEqual(Object.keys(properties), ['header', 'iccid'], 'only what is sent');
  });

  for (const name of Object.keys(functions) as FunctionName[]) {
    if (functions[name].direction !== 'operator to SM-DP+') continue;
    test(`§${functions[name].section} has every refusal of ${name} that its source names`, () => {
      const files = [`smdp/orders/${name}.ts`, 'smdp/orders/order-context.ts'];
      const text = files.map((file) => readFileSync(join(SRC, file), 'utf8')).join('\n');
      const found = text.matchAll(/FunctionExecutionError\(\s*'([\d.]+)',\s*'([\d.]+)'/g);
      const listed = REFUSALS[name].map(({ code }) => `${code.subjectCode}/${code.reasonCode}`);
      const codes = Array.from(found, ([, subject, reason]) => `${subject}/${reason}`);
      assert.ok(codes.length > 2);
      assert.deepEqual(
        codes.filter((code) => !listed.includes(code)),
        [],
      );
    });
  }
});
