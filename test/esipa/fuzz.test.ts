// ESipa with mutated messages, in both bindings: each is answered by the standard, none is a server error, and none has an effect. The
// mutations are reproducible. Also what strangers can hold: sizes and slow senders; and what another implementation verifies.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import { onboardingOf } from '../../src/eim/euiccs.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import { buildEsipa } from '../../src/esipa/listener.ts';
import { ES9PLUS_LIMITS } from '../../src/process/listener-limits.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import {
  EuiccPackageRequest,
  EuiccPackageResult,
} from '../../src/rsp/definitions/euicc-package.ts';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { mutate, ODD, randomFrom } from '../mutations.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { eimOf } from './eim-of.ts';
import { Ipa, packageFor, postEsipa } from './ipa.ts';

const CASES = 100;
const AT_ONCE = 20;
const ASN1_PATH = '/gsma/rsp2/asn1';
const ASN1 = 'application/x-gsma-rsp-asn1';

const BINDING = ['bf3a', 'getBoundProfilePackage'];

/** Before each of its own messages, it sends mutated ones. */
class FuzzingIpa extends Ipa {
  /** By function, or by the tag of its message: how often each status came. */
  readonly statuses = new Map<string, Set<number>>();
  isQuiet = true;
  /** The SM-DP+ ends a session of which the eUICC's signature is wrong: then the download has failed. */
  sparesBinding = true;

  #isMutated(name: string): boolean {
    return !this.isQuiet && !(this.sparesBinding && BINDING.includes(name));
  }

  override async asn1(der: Uint8Array): Promise<Uint8Array> {
    const name = readDer(der).tag.toString(16);
    if (this.#isMutated(name)) {
      const random = randomFrom(readDer(der).tag);
      const bodies = Array.from({ length: CASES }, () => {
        let bytes = der;
        for (let times = 1 + random(3); times > 0 && bytes.length > 0; times -= 1) {
          bytes = mutate(bytes, random);
        }
        return bytes;
      });
      await this.#send(
        name,
        ASN1_PATH,
        ASN1,
        bodies.filter((body) => !sameBytes(body, der)),
      );
    }
    return super.asn1(der);
  }

  override async json(name: string, members: object): Promise<any> {
    if (this.#isMutated(name)) {
      const honest = members as Record<string, string>;
      const names = Object.keys(honest);
      const random = randomFrom(name.length);
      const bodies = Array.from({ length: CASES }, () => {
        const member = names[random(names.length)]!;
        const value = honest[member]!;
        switch (random(4)) {
          case 0:
            return Buffer.from(mutate(Buffer.from(JSON.stringify(honest)), random)).toString(
              'latin1',
            );
          case 1:
            return JSON.stringify({ ...honest, [member]: ODD[random(ODD.length)] });
          case 2: {
            const text = Buffer.from(mutate(Buffer.from(value), random)).toString('latin1');
            return JSON.stringify({ ...honest, [member]: text });
          }
          default: {
            const der = mutate(Buffer.from(value, 'base64'), random);
            return JSON.stringify({ ...honest, [member]: Buffer.from(der).toString('base64') });
          }
        }
      });
      const text = JSON.stringify(honest);
      const changed = bodies.filter((body) => !sameBytes(Buffer.from(body), Buffer.from(text)));
      await this.#send(name, `/gsma/rsp2/esipa/${name}`, 'application/json', changed);
    }
    return super.json(name, members);
  }

  async #send(name: string, path: string, type: string, bodies: (string | Uint8Array)[]) {
    const seen = this.statuses.get(name) ?? new Set<number>();
    this.statuses.set(name, seen);
    for (const left = [...bodies]; left.length > 0;) {
      const replies = left
        .splice(0, AT_ONCE)
        .map((body) => postEsipa(this.url, path, type, body, kept));
      for (const { status } of await Promise.all(replies)) seen.add(status);
    }
  }
}

const kept = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

const sameBytes = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;

describe('ESipa, mutated', () => {
  let server: TestServer;
  let context: EimContext;
  before(async () => {
    server = await startTestServer({
      es9: true,
      stock: 20,
      env: { SIMWRIGHT_ESIPA_PORT: '0' },
    });
    context = server.server.context as EimContext;
  });
  after(async () => {
    kept.destroy();
    await server[Symbol.asyncDispose]();
  });

  const { register, ask } = eimOf(() => server);
  const failures = () => server.logged.filter((line) => line.includes('ESipa function failed'));

  for (const binding of ['asn1', 'json'] as const) {
    test(`a poll, data, a result and downloads, full and compact, each among mutated ones, come to their ends (${binding})`, async () => {
      const ipa = new FuzzingIpa(server, { binding });
      await register(ipa);
      ipa.isQuiet = false;
      const data = await packageFor(ipa);
      ipa.isQuiet = true;
      const euiccInfo2 = callEs10(ipa.euicc, Uint8Array.of(0xbf, 0x22, 0x00));
      assert.deepEqual(await ipa.provide(ipa.dataFor(data, { before: [euiccInfo2] })), []);
      const listing = await ask(ipa, { kind: 'listProfileInfo' });
      const request = await packageFor(ipa);
      const sent = await context.store.eimOperations.newestPackage(ipa.eid, listing.sid);
      const results = [{ listProfileInfoResult: { profileInfoListOk: [] } }];
      const result = ipa.resultOf(request, results);
      const random = randomFrom(7);
      for (let count = 0; count < CASES; count += 1) {
        // Of what is signed, or its signature.
        const spoiled = Uint8Array.from(result);
        spoiled[random(result.length)]! ^= 1 << random(8);
        await ipa.provide(spoiled);
      }
      const current = await context.store.eimOperations.newestPackage(ipa.eid, listing.sid);
      assert.deepEqual(current, sent, 'nothing has changed');
      ipa.isQuiet = false;
      assert.deepEqual(await ipa.provide(result), [ipa.sequence]);
      ipa.isQuiet = true;
      const downloaded = async () => {
        const { activation_code: code } = await server.order({ GenerateMatchingId: 'true' });
        const { sid } = await ask(ipa, { kind: 'download', activationCode: code });
        const trigger = await packageFor(ipa);
        ipa.isQuiet = false;
        await ipa.download(trigger).then(
          (lpa) => lpa.sendNotifications(),
          () => {},
        );
        ipa.isQuiet = true;
        return (await context.store.eimOperations.find(ipa.eid, sid))!.status;
      };
      assert.equal(await downloaded(), 'completed');
      ipa.sparesBinding = false;
      ipa.isCompact = true;
      assert.equal(await downloaded(), 'completed', 'nothing mutated has reached the SM-DP+');
      ipa.isCompact = false;
      assert.equal(await downloaded(), 'failed');
      for (const [name, seen] of ipa.statuses) {
        const odd = [...seen].filter((one) => ![200, 204, 400, 404].includes(one));
        assert.deepEqual(odd, [], name);
      }
      assert.deepEqual(failures(), []);
    });
  }

  test('a body beyond the limit is refused by its length, and one of many pieces is read', async () => {
    const big = await postEsipa(server.server.esipaUrl!, ASN1_PATH, ASN1, new Uint8Array(300_000));
    assert.equal(big.status, 413);
    const deep = Buffer.concat(
      Array.from({ length: 20_000 }, () => Buffer.from('bf4f8000', 'hex')),
    );
    const nested = await postEsipa(server.server.esipaUrl!, ASN1_PATH, ASN1, deep);
    assert.equal(nested.status, 200, 'an error of its function');
    let inner: Uint8Array = encodeTlv(0x30);
    for (let depth = 0; depth < 3_000; depth += 1) inner = encodeTlv(0xa0, inner);
    const { status } = await postEsipa(
      server.server.esipaUrl!,
      ASN1_PATH,
      ASN1,
      encodeTlv(0xbf50, inner),
    );
    assert.equal(status, 200);
    assert.deepEqual(failures(), []);
  });

  test('an IPA that sends nothing, or the beginning of a message, is let go', async () => {
    const limits = {
      ...ES9PLUS_LIMITS,
      headersMs: 300,
      requestMs: 300,
      idleMs: 300,
      checkEveryMs: 50,
    };
    const listener = buildEsipa(server.server.context.eim!, server.server.context, limits);
    const { hostname, port } = new URL(await listener.listen({ port: 0, host: '127.0.0.1' }));
    const head = `POST ${ASN1_PATH} HTTP/1.1\r\nHost: eim\r\nContent-Type: ${ASN1}\r\nContent-Length: 40\r\n\r\n`;
    for (const begun of ['', 'POST ', head, `${head}\xbf\x4f`]) {
      const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
      socket.on('error', () => {});
      await once(socket, 'secureConnect');
      socket.write(begun, 'latin1');
      socket.resume();
      await once(socket, 'close');
    }
    await listener.close();
  });

  test('packages, results and the key in EimConfigurationData are verified by another implementation', async (t) => {
    const ipa = new Ipa(server, { isIot: true });
    const euicc = await register(ipa);
    const onboarding = await onboardingOf(euicc, context);
    ipa.onboard(onboarding);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    await ask(ipa, { kind: 'listProfileInfo' });
    const request = await packageFor(ipa);
    const result = ipa.load(request);
    await ipa.provide(result);
    const { eimConfigurationDataList: known } = AddInitialEimRequest.decode(onboarding);
    const { eimCertificate } = known[0]!.eimPublicKeyData!;
    const given = JSON.stringify({
      package: request.toBase64(),
      result: result.toBase64(),
      eim: eimCertificate!.toBase64(),
      euicc: ipa.issued.euiccCertificate.toBase64(),
      token: ipa.associationToken,
    });
    const { stdout, stderr, status, error } = spawnSync('python3', ['-c', PYTHON], {
      input: given,
      encoding: 'utf8',
    });
    if (error !== undefined || status === 9) {
      t.skip('Python with cryptography is not installed here');
      return;
    }
    assert.equal(stderr, '');
    const { counterValue } = EuiccPackageRequest.decode(request).euiccPackageSigned.value;
    const { euiccPackageResultSigned: signed } = EuiccPackageResult.decode(result);
    const { seqNumber } = signed!.euiccPackageResultDataSigned.value;
    const expected = { eid: ipa.eid, counter: counterValue, sequence: seqNumber };
    assert.deepEqual(JSON.parse(stdout), expected);
  });
});

/** Reads both by itself, and knows nothing of ours; ends with 9 if it cannot run. */
const PYTHON = `
import base64, json, sys
try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
except ImportError:
    sys.exit(9)

def tlvs(data):
    found = []
    while data:
        at = 1
        if data[0] & 0x1F == 0x1F:
            at = 2
        tag, size, at = data[:at].hex(), data[at], at + 1
        if size > 0x80:
            more = size & 0x7F
            size, at = int.from_bytes(data[at:at + more], 'big'), at + more
        found.append((tag, data[at:at + size], data[:at + size]))
        data = data[at + size:]
    return found

def verify(certificate, signature, message):
    key = x509.load_der_x509_certificate(certificate).public_key()
    r, s = (int.from_bytes(half, 'big') for half in (signature[:32], signature[32:]))
    key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))

given = json.load(sys.stdin)
part = lambda name: base64.b64decode(given[name])
number = given['token']
length = number.bit_length() // 8 + 1
token = bytes([0x84, length]) + number.to_bytes(length, 'big')

(_, request, _), = tlvs(part('package'))
(_, signed, whole), (tag, signature, _) = tlvs(request)
assert tag == '5f37' and len(signature) == 64
verify(part('eim'), signature, whole + token)
members = {tag: value for tag, value, _ in tlvs(signed)}

(_, result, _), = tlvs(part('result'))
(tag, result, _), = tlvs(result)
assert tag == 'a0'
(_, data, whole), (tag, signature, _) = tlvs(result)
verify(part('euicc'), signature, whole + token)
answer = {tag: value for tag, value, _ in tlvs(data)}
for tag in ('80', '81', '82'):
    assert answer[tag] == members[tag], tag
print(json.dumps({
    'eid': members['5a'].hex().upper(),
    'counter': int.from_bytes(members['81'], 'big'),
    'sequence': int.from_bytes(answer['83'], 'big'),
}))
`;
