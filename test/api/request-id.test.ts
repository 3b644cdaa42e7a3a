// One id follows a request from the API to the callback: in the response, the log, the callback, and the trace.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { parseTraceparent, requestIdOf, traceIdOf } from '../../src/values/request-id.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { newPhone } from '../es9plus/phone.ts';
import { startReceiver, withoutCallbacks } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;

describe('the id of a request', () => {
  const generated = /^RQ[0-9a-f]{32}$/;

  test('is the client’s X-Request-Id, if it is one', () => {
    for (const given of [
      'order-000017',
      'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      'a:b.c_d-1',
      'x'.repeat(64),
    ]) {
      assert.equal(requestIdOf({ 'x-request-id': given }), given);
    }
    const wrong = [
      '',
      'short',
      'x'.repeat(65),
      'two words',
      'line\nbreak',
      '{"level":50}',
      '-leading',
      'ümlaut-12',
      ['a', 'b'],
    ];
    for (const given of wrong) assert.match(requestIdOf({ 'x-request-id': given }), generated);
    assert.match(requestIdOf({}), generated);
  });

  test('W3C Trace Context, traceparent: is the trace-id of a valid traceparent', () => {
    assert.equal(
      requestIdOf({ traceparent: TRACEPARENT, 'x-request-id': 'order-000017' }),
      `RQ${TRACE}`,
    );
    assert.deepEqual(parseTraceparent(TRACEPARENT), {
      traceId: TRACE,
      spanId: SPAN,
      isSampled: true,
    });
    assert.equal(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.isSampled, false);
    assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-01-later`)?.traceId, TRACE);
    const wrong = [
      `ff-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}`,
      `cc-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`,
      [TRACEPARENT],
    ];
    for (const given of wrong) assert.equal(parseTraceparent(given), undefined, String(given));
  });

  test('has a trace, which is its own digits if it has enough of them', () => {
    assert.equal(traceIdOf(`RQ${TRACE}`), TRACE);
    assert.equal(
      traceIdOf('F47AC10B-58CC-4372-A567-0E02B2C3D479'),
      'f47ac10b58cc4372a5670e02b2c3d479',
    );
    assert.match(traceIdOf('order-000017'), /^[0-9a-f]{32}$/);
    assert.equal(traceIdOf('order-000017'), traceIdOf('order-000017'));
  });
});

onEachDatabase('a request', (database) => {
  const server = serverOn(database, { es9: true });

  const logged = (msg: string) =>
    server()
      .logged.map((line) => JSON.parse(line))
      .filter((line) => line.msg === msg);

  test('its id is returned, logged, and sent with the callbacks of what it has ordered', async () => {
    await using receiver = await startReceiver();
    const created = await server().request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true', CallbackUrl: receiver.url },
      headers: { 'X-Request-Id': 'order-000017' },
    });
    assert.equal(created.headers.get('twilio-request-id'), 'order-000017');
    const calls = [await receiver.next(), await receiver.next()];
    assert.deepEqual(
      calls.map(({ headers }) => headers['x-request-id']),
      ['order-000017', 'order-000017'],
    );
    await eventually(() => logged('callback delivered').length === 2 || undefined);
    const lines = [...logged('POST /v1/ESimProfiles'), ...logged('callback delivered')];
    assert.deepEqual(
      lines.map(({ request }) => request),
      ['order-000017', 'order-000017', 'order-000017'],
    );
    // A later request has its own; what the device does is told with that of the order.
    const changed = await server().request(`/v1/ESimProfiles/${created.json.sid}`, {
      form: { FriendlyName: 'Lift 7' },
      headers: { traceparent: TRACEPARENT },
    });
    assert.equal(changed.headers.get('twilio-request-id'), `RQ${TRACE}`);
    assert.equal((await receiver.next()).headers['x-request-id'], `RQ${TRACE}`);
    const { json: profile } = await server().request(`/v1/ESimProfiles/${created.json.sid}`);
    await newPhone(server()).download(`LPA:${profile.activation_code}`);
    const { headers, parameters } = await receiver.next();
    assert.deepEqual(
      [parameters['Status'], headers['x-request-id']],
      ['downloaded', 'order-000017'],
    );
    assert.equal(headers['traceparent'], undefined);
  });

  test('that of a batch is sent with the callbacks of its orders', async () => {
    await using receiver = await startReceiver();
    const created = await server().request('/v1/ESimProfiles/Batches', {
      body: { Count: 1, GenerateMatchingId: true, CallbackUrl: receiver.url },
      headers: { 'X-Request-Id': 'batch-000001' },
    });
    assert.ok(created.status < 300, created.text);
    assert.equal((await receiver.next()).headers['x-request-id'], 'batch-000001');
  });
});

test('OTLP over HTTP: a receiver gets the spans of a request, of its callbacks, and of a download', async () => {
  const bodies: any[] = [];
  const collector = createServer(
    withoutCallbacks((request, response) => {
      void json(request).then((body) => {
        bodies.push({ path: request.url, headers: request.headers, body });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    }),
  ).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  await using receiver = await startReceiver();
  {
    await using server = await startTestServer({
      es9: true,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/otlp/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc',
        OTEL_SERVICE_NAME: 'esim',
      },
    });
    const created = await server.request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true', CallbackUrl: receiver.url },
      headers: { traceparent: TRACEPARENT },
    });
    const called = await receiver.next();
    assert.match(
      called.headers['traceparent'] as string,
      new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`),
    );
    const profile = await eventually(async () => {
      const { json: found } = await server.request(`/v1/ESimProfiles/${created.json.sid}`);
      return found.status === 'available' ? found : undefined;
    });
    await newPhone(server).download(`LPA:${profile.activation_code}`);
  }
  collector.close();
  collector.closeAllConnections();
  const [{ path, headers }] = bodies;
  assert.deepEqual([path, headers.authorization], ['/otlp/v1/traces', 'Basic abc']);
  const [{ resource }] = bodies[0].body.resourceSpans;
  assert.deepEqual(resource.attributes[0], { key: 'service.name', value: { stringValue: 'esim' } });
  const spans: any[] = bodies.flatMap(({ body }) => body.resourceSpans[0].scopeSpans[0].spans);
  const ofTrace = spans.filter(({ traceId }) => traceId === TRACE);
  const posted = ofTrace.find(({ name }) => name === 'POST /v1/ESimProfiles');
  assert.deepEqual([posted.kind, posted.parentSpanId], [2, SPAN]);
  assert.match(posted.startTimeUnixNano, /^\d{19}$/);
  assert.ok(BigInt(posted.endTimeUnixNano) >= BigInt(posted.startTimeUnixNano));
  assert.deepEqual(
    posted.attributes.find(({ key }: any) => key === 'http.response.status_code').value,
    { intValue: '201' },
  );
  assert.ok(ofTrace.filter(({ name, kind }) => name === 'callback' && kind === 3).length >= 2);
  const session = spans.filter(({ name }) => name.startsWith('ES9+ '));
  assert.deepEqual(
    session.map(({ name }) => name),
    [
      'initiateAuthentication',
      'authenticateClient',
      'getBoundProfilePackage',
      'handleNotification',
    ].map((name) => `ES9+ ${name}`),
  );
  assert.equal(new Set(session.map(({ traceId }) => traceId)).size, 1);
});
