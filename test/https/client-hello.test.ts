// Reads a ClientHello however it is fragmented. Any input results in a hello, a refusal, or a request for more.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { ClientHelloError, parseClientHello } from '../../src/https/client-hello.ts';
import { FirstBytesReader, MOST_BYTES } from '../../src/https/first-bytes.ts';
import type { FirstBytes } from '../../src/https/first-bytes.ts';
import { clientHello, openSslHello, toRecords, x509Name } from './hello.ts';

const NAME = Uint8Array.fromHex('300d310b3009060355040613024954');
const SHA1 = Buffer.alloc(20, 0xab);

function read(bytes: Uint8Array, size = bytes.length): FirstBytes | undefined {
  const reader = new FirstBytesReader();
  for (let at = 0; at < bytes.length; at += size) {
    const found = reader.push(Buffer.from(bytes.subarray(at, at + size)));
    if (found !== undefined) return found;
  }
  return undefined;
}

function messageOf(bytes: Uint8Array, size?: number): Buffer {
  const found = read(bytes, size);
  assert.equal(found?.kind, 'client hello');
  return found.message;
}

describe('a ClientHello', () => {
  test('of OpenSSL for TLS 1.3 and 1.2', async () => {
    const bytes = await openSslHello({
      servername: 'ESIM.example.com',
      ecdhCurve: 'brainpoolP256r1:prime256v1:brainpoolP256r1tls13',
      sigalgs: 'ecdsa_brainpoolP256r1tls13_sha256:ECDSA+SHA256',
    });
    assert.deepEqual(parseClientHello(messageOf(bytes)), {
      versions: [0x0304, 0x0303],
      serverName: 'esim.example.com',
      groups: [26, 23, 31],
      signatureAlgorithms: [0x081a, 0x0403],
      certificateSignatureAlgorithms: undefined,
      trusted: [],
    });
  });

  test('of OpenSSL for TLS 1.2 alone', async () => {
    const bytes = await openSslHello({
      maxVersion: 'TLSv1.2',
      ecdhCurve: 'brainpoolP256r1',
      sigalgs: 'ECDSA+SHA256',
    });
    const { versions, serverName, groups, signatureAlgorithms } = parseClientHello(
      messageOf(bytes),
    );
    assert.deepEqual(
      [versions, serverName, groups, signatureAlgorithms],
      [[0x0303], undefined, [26], [0x0403]],
    );
  });

  test('RFC 8446 §4.2.4, RFC 6066 §6: names the trusted CIs', () => {
    const hello = clientHello({
      authorities: [NAME],
      certificateSignatureAlgorithms: [0x0403],
      trustedCaKeys: [
        [0, Buffer.alloc(0)],
        [1, SHA1],
        [2, x509Name(NAME)],
        [3, SHA1],
      ],
    });
    const { trusted, certificateSignatureAlgorithms } = parseClientHello(hello);
    const hex = '300D310B3009060355040613024954';
    assert.deepEqual(trusted, [
      { kind: 'name', hex },
      { kind: 'keySha1', hex: 'AB'.repeat(20) },
      { kind: 'name', hex },
      { kind: 'certificateSha1', hex: 'AB'.repeat(20) },
    ]);
    assert.deepEqual(certificateSignatureAlgorithms, [0x0403]);
  });

  test('without extensions names no curves', () => {
    assert.deepEqual(parseClientHello(clientHello({})), {
      versions: [0x0303],
      serverName: undefined,
      groups: undefined,
      signatureAlgorithms: undefined,
      certificateSignatureAlgorithms: undefined,
      trusted: [],
    });
  });
});

const anyHello = fc.record(
  {
    versions: fc.array(fc.nat(0xffff), { maxLength: 8 }),
    serverName: fc.domain(),
    groups: fc.array(fc.nat(0xffff), { maxLength: 30 }),
    signatureAlgorithms: fc.array(fc.nat(0xffff), { maxLength: 30 }),
    authorities: fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { maxLength: 20 }),
    padding: fc.nat(8_000),
  },
  { requiredKeys: [] },
);

describe('the first bytes', () => {
  test('RFC 8446 §5.1: a hello in any records and any segments is the same hello', () => {
    fc.assert(
      fc.property(anyHello, fc.integer({ min: 1, max: 9_000 }), fc.nat(), (parts, segment, cut) => {
        const message = clientHello(parts);
        // At least one record, and at most as many as are accepted.
        const record = Math.max(Math.ceil(message.length / 64), cut % message.length, 1);
        assert.deepEqual(messageOf(toRecords(message, record), segment), message);
      }),
    );
  });

  test('byte by byte, too', () => {
    const message = clientHello({ groups: [23], padding: 300 });
    assert.deepEqual(messageOf(toRecords(message, 100), 1), message);
  });

  test('bytes after the hello are left for TLS', () => {
    const hello = toRecords(clientHello({ groups: [23] }));
    const reader = new FirstBytesReader();
    const more = Buffer.from('more');
    assert.equal(reader.push(Buffer.concat([hello, more]))?.kind, 'client hello');
    assert.deepEqual(reader.bytes(), Buffer.concat([hello, more]));
  });

  test('a hello that is too long, or in too many records, is refused before it is complete', () => {
    const long = clientHello({ padding: 40_000 });
    const reader = new FirstBytesReader();
    assert.equal(reader.push(toRecords(long).subarray(0, 5 + 16_384))?.kind, 'too long');
    const dripped = toRecords(clientHello({ padding: 1_000 }), 1);
    assert.equal(read(dripped, 1)?.kind, 'too long');
    assert.equal(read(toRecords(clientHello({ padding: 30_000 })))?.kind, 'client hello');
  });

  test('plain HTTP, the PROXY header of load balancers and other protocols are distinguished', () => {
    const kindOf = (text: string, size?: number) => read(Buffer.from(text, 'latin1'), size)?.kind;
    for (const size of [undefined, 1]) {
      assert.equal(kindOf('POST /gsma/rsp2/es9plus/initiateAuthentication HTTP/1.1', size), 'http');
      assert.equal(kindOf('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', size), 'proxy header');
      assert.equal(kindOf('\r\n\r\n\0\r\nQUIT\n!', size), 'proxy header');
      assert.equal(kindOf('EHLO mail.example.com\r\n', size), 'not a client hello');
      assert.equal(kindOf('SSH-2.0-OpenSSH_9.9\r\n', size), 'not a client hello');
      assert.equal(kindOf('\x80\x2e\x01\0\x02', size), 'not a client hello');
      assert.equal(kindOf('\x16\x02\0\0\x04abcd', size), 'not a client hello');
      assert.equal(kindOf('\x16\x03\x01\0\0', size), 'not a client hello');
      assert.equal(kindOf('\x16\x03\x01\xff\xff', size), 'not a client hello');
      assert.equal(kindOf('\x16\x03\x01', size), undefined);
      assert.equal(kindOf('GET', size), undefined);
    }
  });
});

/** Any other exception is a bug. */
function parses(bytes: Uint8Array): boolean {
  try {
    parseClientHello(bytes);
    return true;
  } catch (error) {
    assert.ok(error instanceof ClientHelloError, String(error));
    return false;
  }
}

describe('broken hellos', () => {
  test('truncated at any byte are refused', () => {
    const whole = clientHello({
      versions: [0x0304],
      serverName: 'esim.example.com',
      groups: [23, 26],
      authorities: [NAME],
      trustedCaKeys: [[1, SHA1]],
    });
    assert.ok(parses(whole));
    for (let length = 0; length < whole.length; length++) {
      assert.ok(!parses(whole.subarray(0, length)), `${length} bytes`);
      // The same with a matching length, so inner vectors are truncated.
      if (length < 4) continue;
      const cut = Buffer.from(whole.subarray(0, length));
      cut.writeUIntBE(length - 4, 1, 3);
      // A hello may end where extensions would begin.
      assert.equal(parses(cut), length === 4 + 2 + 32 + 1 + 6 + 2, `${length} bytes inside`);
    }
  });

  test('with changed bytes are a hello or a ClientHelloError', () => {
    fc.assert(
      fc.property(anyHello, fc.array(fc.tuple(fc.nat(), fc.nat(255))), (parts, changes) => {
        const bytes = clientHello(parts);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        parses(bytes);
      }),
    );
  });

  test('random bytes never cause another error, nor are kept beyond the limit', () => {
    const header = fc.constantFrom(
      [],
      [22],
      [22, 3, 1],
      [22, 3, 3, 0, 4, 1],
      [22, 3, 1, 64, 0, 1, 0, 63, 0],
    );
    const bytes = fc.tuple(header, fc.uint8Array({ maxLength: 400 }), fc.nat(50));
    fc.assert(
      fc.property(bytes, ([first, rest, size]) => {
        const found = read(Uint8Array.from([...first, ...rest]), size + 1);
        if (found?.kind === 'client hello') parses(found.message);
      }),
      { numRuns: 1_000 },
    );
    // A hello just short enough, but too long with the headers of its records.
    const reader = new FirstBytesReader();
    const records = toRecords(clientHello({ padding: MOST_BYTES - 100 }), 1_000);
    let found: FirstBytes | undefined;
    for (let at = 0; found === undefined && at < records.length; at += 100) {
      found = reader.push(records.subarray(at, at + 100));
    }
    assert.equal(found?.kind, 'too long');
    assert.ok(reader.size <= MOST_BYTES);
  });
});
