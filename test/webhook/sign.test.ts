// X-Twilio-Signature, connection overrides and the retry schedule.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseOverrides } from '../../src/webhook/overrides.ts';
import { pauseBeforeNext } from '../../src/webhook/schedule.ts';
import { sign, standardHeaders } from '../../src/webhook/sign.ts';

describe('X-Twilio-Signature', () => {
  test('the published example', () => {
    const parameters: [string, string][] = [
      ['To', '+18005551212'],
      ['CallSid', 'CA1234567890ABCDE'],
      ['Caller', '+14158675309'],
      ['Digits', '1234'],
      ['From', '+14158675309'],
    ];
    assert.equal(
      sign('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', parameters),
      'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
    );
  });
});

describe('webhook-signature', () => {
  const SECRET = Buffer.from('MfKQ9r8GKYqYTwjUPD8ILPZIo2LaLaSw', 'base64');
  const DATE = new Date('2021-02-25T15:02:10.999Z');

  test('Standard Webhooks: as its library for JavaScript (1.1.1) signs', () => {
    const body = '{"test": 2432232314}';
    assert.deepEqual(standardHeaders([SECRET], 'msg_p5jXN8AQM9LWM0D4loKWxJek', DATE, body), {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,98Kd4dvMWPk+ZNadd46hEbpPYOQYqs+Vp87ZKzMXylc=',
    });
  });

  test('Standard Webhooks: several secrets sign side by side', () => {
    const sid = 'CB01a2094acb1a700186b84032a17afeb6';
    const form = 'Status=available&Iccid=1';
    const of = (secrets: Uint8Array[]) =>
      standardHeaders(secrets, sid, DATE, form)['webhook-signature'];
    const one = 'v1,tdQgFgBf9R5F20HDt87sSLdorw8Wx1dR+L4jG7YqxAg=';
    assert.equal(of([SECRET]), one);
    const two = of([Buffer.alloc(32), SECRET]).split(' ');
    assert.deepEqual([two.length, two[1]], [2, one]);
  });
});

const parse = (fragment: string) => parseOverrides(new URL(`https://example.com/${fragment}`));

describe('connection overrides', () => {
  test('defaults', () => {
    assert.deepEqual(parse(''), {
      connectTimeoutMs: 5000,
      readTimeoutMs: 15000,
      totalTimeoutMs: 15000,
      retryCount: undefined,
      retryPolicy: ['connect'],
      sni: undefined,
    });
  });

  test('all of them, clamped to their ranges', () => {
    assert.deepEqual(parse('#ct=1&rt=99999&tt=200&rc=9&rp=4xx,rt&sni=other.example&e=ashburn'), {
      connectTimeoutMs: 100,
      readTimeoutMs: 15000,
      totalTimeoutMs: 200,
      retryCount: 5,
      retryPolicy: ['4xx', 'read'],
      sni: 'other.example',
    });
  });
});

describe('the schedule', () => {
  test('only rc and rp decide if the URL has them', () => {
    const overrides = parse('#rc=1&rp=5xx');
    assert.equal(pauseBeforeNext(1, '5xx', overrides, undefined), 1000);
    assert.equal(pauseBeforeNext(2, '5xx', overrides, undefined), undefined);
    assert.equal(pauseBeforeNext(1, 'connect', overrides, undefined), undefined);
  });
});
