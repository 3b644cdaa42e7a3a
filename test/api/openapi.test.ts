// The OpenAPI document of a server: valid for a third-party tool, with true examples, and with the callbacks.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ReceivedCall } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { withWholeResponses } from '../openapi.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { realAnswers } from './real-answers.ts';

const REDOCLY = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
const EID = '89049032005008882600033489aaaaaa';
const FORM = 'application/x-www-form-urlencoded';

let server: TestServer;
let document: any;
/** With what several responses share in the place of each. */
let whole: any;
const ajv = new Ajv.default({ strict: false, allErrors: true });
addFormats.default(ajv);

before(async () => {
  server = await startTestServer();
  ({ json: document } = await server.request('/openapi.json', { as: null }));
  whole = withWholeResponses(structuredClone(document));
  ajv.addSchema(document, 'document');
});
after(() => server[Symbol.asyncDispose]());

function assertValid(schema: object, value: unknown, name: string): void {
  // Resolve references within the document.
  const text = JSON.stringify(schema).replaceAll('"#/', '"document#/');
  const validate = ajv.compile(JSON.parse(text) as object);
  assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)}`);
}

interface Answer {
  name: string;
  mediaType: string;
  content: { schema: object; example?: unknown };
}

function declaredAnswers(): Answer[] {
  return Object.values<any>(whole.paths).flatMap((path) =>
    Object.values<any>(path).flatMap(({ operationId, responses }) =>
      Object.entries<any>(responses).flatMap(([status, { content = {} }]) =>
        Object.entries<any>(content).map(([mediaType, media]) => ({
          name: `${operationId} ${status}`,
          mediaType,
          content: media,
        })),
      ),
    ),
  );
}

/** The names of all members, recursively, for a list those of its first item. A callback's parameters are free-form. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return 'value';
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'parameters' ? 'any' : shapeOf(member),
    ]),
  );
}

test('Redocly CLI finds no error and no warning in it, nor in that of ES2+', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-openapi-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(document));
  const { json: ofEs2Plus } = await server.request('/es2plus/openapi.json', { as: null });
  const second = join(folder, 'es2plus.json');
  await writeFile(second, JSON.stringify(ofEs2Plus));
  const config = join(import.meta.dirname, 'redocly.yaml');
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(
    process.execPath,
    [REDOCLY, 'lint', file, second, '--config', config, '--format=json'],
    // No update check and no telemetry.
    { env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } },
    (_error, stdout) => resolve(stdout),
  );
  const results = (await promise).replaceAll(/\}\s*\{\s*"totals"/g, '},{"totals"');
  const both = JSON.parse(`[${results}]`);
  assert.equal(both.length, 2);
  for (const { totals, problems } of both) {
    assert.deepEqual(problems, []);
    assert.deepEqual(totals, { errors: 0, warnings: 0, ignored: 0 });
  }
});

describe('examples', () => {
  test('exist for every response, and match its schema', () => {
    const answers = declaredAnswers();
    assert.ok(answers.length > 200, `${answers.length} answers`);
    for (const { name, mediaType, content } of answers) {
      // Binary content cannot be part of a JSON document.
      if (['image/png', 'application/zip'].includes(mediaType)) continue;
      assert.notEqual(content.example, undefined, `${name} ${mediaType} has no example`);
      assertValid(content.schema, content.example, name);
    }
  });

  test('have exactly the members of real responses', async () => {
    const real = await realAnswers();
    const answers = new Map(declaredAnswers().map((answer) => [answer.name, answer]));
    const missing = Array.from(answers.keys()).filter(
      (name) => / 2\d\d$/.test(name) && !real.has(name) && !/^Stream\w+ 200$/.test(name),
    );
    assert.deepEqual(missing, [], 'operations without a real answer in real-answers.ts');
    for (const [name, { json }] of real) {
      if (json === undefined) continue;
      assert.deepEqual(shapeOf(answers.get(name)!.content.example), shapeOf(json), name);
    }
  });

  test('of errors have the status for which they are declared', () => {
    for (const { name, content } of declaredAnswers()) {
      const declared = Number(name.split(' ')[1]);
      if (declared >= 400) assert.equal((content.example as any).status, declared, name);
    }
  });
});

describe('webhooks', () => {
  test('match what receivers get: by POST and GET, of eSIM Profiles, Sims, batches and bulk operations', async () => {
    await using receiver = await startReceiver();
    await using own = await startTestServer({ stock: 4, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
    await own.request('/v1/Euiccs', { form: { Eid: EID } });
    for (const CallbackMethod of ['POST', 'GET']) {
      const CallbackUrl = `${receiver.url}/profile`;
      const order = await own.order({ GenerateMatchingId: 'true', CallbackUrl, CallbackMethod });
      const path = `/v1/Sims/${order.sim_sid}`;
      const form = { CallbackUrl: `${receiver.url}/sim`, CallbackMethod, Status: 'active' };
      const named = { ...form, UniqueName: CallbackMethod, Fleet: `HF${'0'.repeat(32)}` };
      assert.equal((await own.request(path, { form: named })).status, 202);
      const failing = {
        Eid: EID,
        ProfileType: 'none',
        FriendlyName: 'Truck 17',
        Metadata: '{"site":"Berlin"}',
        CallbackUrl,
        CallbackMethod,
      };
      const failed = await own.order(failing);
      assert.equal(failed.status, 'failed');
      const again = await own.request(`/v1/ESimProfiles/${failed.sid}/Reorder`, {
        form: { ExpiresAt: '2999-12-31' },
      });
      assert.equal(again.status, 201);
      const none = { Count: '1', Eid: EID, ProfileType: 'none', CallbackUrl, CallbackMethod };
      const ofBatch = { AllOrNothing: 'true', BatchCallbackUrl: `${receiver.url}/batch` };
      for (const more of [{}, { ...ofBatch, BatchCallbackMethod: CallbackMethod }]) {
        const batch = await own.request('/v1/ESimProfiles/Batches', { form: { ...none, ...more } });
        assert.equal(batch.status, 202);
      }
      // The only canary, which is cancelled: the bulk operation is halted.
      const bulk = await own.request('/v1/Euiccs/BulkOperations', {
        form: {
          Kind: 'listProfileInfo',
          Eids: EID,
          Canary: '1',
          BulkCallbackUrl: `${receiver.url}/bulk`,
          BulkCallbackMethod: CallbackMethod,
        },
      });
      assert.equal(bulk.status, 202);
      await eventually(async () => {
        const { json } = await own.request(`${bulk.json.links.items}?State=queued`);
        const [item] = json.items;
        if (item === undefined) return undefined;
        const ofItem = `/v1/Euiccs/${EID}/Operations/${item.operation_sid}`;
        return own.request(ofItem, { method: 'DELETE' });
      });
      const tested = await own.request('/v1/Callbacks/Test', {
        form: { CallbackUrl, CallbackMethod },
      });
      assert.equal(tested.json.state, 'delivered');
    }
    const calls: ReceivedCall[] = [];
    while (calls.length < 26) calls.push(await receiver.next());
    for (const [webhook, path] of [
      ['esimProfileStatus', '/profile'],
      ['simStatus', '/sim'],
      ['batchEnd', '/batch'],
      ['bulkStatus', '/bulk'],
    ] as const) {
      for (const method of ['POST', 'GET']) {
        const ours = calls.filter((call) => call.method === method && call.url.includes(path));
        assert.ok(ours.length > 0, `${method} ${path}`);
        assertSent(document.webhooks[webhook][method.toLowerCase()], ours);
      }
    }
  });

  /** Each call matches the document, and together they cover everything in it. */
  function assertSent(operation: any, calls: ReceivedCall[]): void {
    const inQuery = operation.parameters.filter((parameter: any) => parameter.in === 'query');
    const schema = operation.requestBody?.content[FORM].schema ?? {
      type: 'object',
      properties: Object.fromEntries(inQuery.map((one: any) => [one.name, one.schema])),
      required: inQuery.filter((one: any) => one.required).map((one: any) => one.name),
    };
    const sent = new Set<string>();
    for (const call of calls) {
      assertValid(
        { ...schema, additionalProperties: false },
        call.parameters,
        operation.operationId,
      );
      for (const name in call.parameters) sent.add(name);
      for (const parameter of operation.parameters) {
        if (parameter.in !== 'header') continue;
        const value = call.headers[parameter.name.toLowerCase()];
        if (value === undefined && !parameter.required) continue;
        assertValid(parameter.schema, value, parameter.name);
      }
      const declared = operation.parameters.map(({ name }: any) => name.toLowerCase());
      const own = Object.keys(call.headers).filter((name) => /^(x|i|webhook)-/.test(name));
      assert.deepEqual(
        own.filter((name) => !declared.includes(name)),
        [],
      );
    }
    assert.deepEqual(Array.from(sent).toSorted(), Object.keys(schema.properties).toSorted());
  }
});
