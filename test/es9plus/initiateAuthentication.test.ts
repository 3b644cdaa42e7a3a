// §5.6.1 ES9+.InitiateAuthentication
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Euicc } from '../../src/device/euicc.ts';
import { euiccInfo1 } from '../../src/device/euicc-info.ts';
import { ServerSigned1 } from '../../src/rsp/definitions/authenticate-server.ts';
import { EUICCInfo1 } from '../../src/rsp/definitions/euicc-info.ts';
import { isSignature } from '../../src/rsp/signature.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { errorsLogged, fromBase64, stepsOf, SUCCESS, toBase64 } from './calls.ts';
import { newEuicc } from './phone.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ es9: true, stock: 0 });
});
after(async () => {
  assert.deepEqual(errorsLogged(server), []);
  await server[Symbol.asyncDispose]();
});

const initiate = (changes: Record<string, any> = {}, euicc?: Euicc) =>
  stepsOf(server, '', euicc ?? newEuicc(server)).initiate(changes);
/** euiccInfo1 with these fields. */
const infoWith = (changes: Partial<EUICCInfo1>) => ({
  euiccInfo1: toBase64(EUICCInfo1.encode({ ...euiccInfo1(newEuicc(server)), ...changes })),
});
const unknownCi = new Uint8Array(20).fill(7);
const cis = () => server.server.context.pki.identities.map(({ ciPKId }) => Uint8Array.from(ciPKId));

describe('§5.6.1 InitiateAuthentication', () => {
  test('returns what the eUICC needs to authenticate the server', async () => {
    const steps = stepsOf(server, '');
    const { result, json } = await steps.initiate();
    assert.equal(result, SUCCESS);
    assert.deepEqual(Object.keys(json), [
      'header',
      'transactionId',
      'serverSigned1',
      'serverSignature1',
      'euiccCiPKIdToBeUsed',
      'serverCertificate',
    ]);
    assert.match(json.transactionId, /^[0-9A-F]{32}$/);
    const signed = ServerSigned1.decode(fromBase64(json.serverSigned1));
    const challenge = fromBase64(steps.sent.initiateAuthentication!['euiccChallenge']!);
    assert.deepEqual(
      Buffer.from(signed.transactionId).toString('hex').toUpperCase(),
      json.transactionId,
    );
    assert.deepEqual(signed.euiccChallenge, challenge);
    assert.equal(signed.serverAddress, server.config.smdpAddress);
    assert.equal(signed.serverChallenge.length, 16);
    const [identity] = server.server.context.pki.identities;
    const { certificate } = identity!.dpAuth;
    assert.deepEqual(fromBase64(json.serverCertificate), Uint8Array.from(certificate.der));
    const signatureTlv = fromBase64(json.serverSignature1);
    assert.deepEqual(signatureTlv.subarray(0, 3), Uint8Array.of(0x5f, 0x37, 0x40));
    const covered = fromBase64(json.serverSigned1);
    assert.ok(isSignature(certificate.publicKey, signatureTlv.subarray(3), covered));
    assert.deepEqual(
      fromBase64(json.euiccCiPKIdToBeUsed),
      Uint8Array.of(0x04, 20, ...identity!.ciPKId),
    );
  });

  test('every session has its own TransactionID and challenge', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => initiate()));
    const ids = new Set(replies.map(({ json }) => json.transactionId as string));
    const challenges = replies.map(({ json }) =>
      toBase64(ServerSigned1.decode(fromBase64(json.serverSigned1)).serverChallenge),
    );
    assert.equal(ids.size, 20);
    assert.equal(new Set(challenges).size, 20);
  });

  test('smdpAddress in another letter case is accepted, and returned as sent', async () => {
    const smdpAddress = server.config.smdpAddress.toUpperCase();
    const { result, json } = await initiate({ smdpAddress });
    assert.equal(result, SUCCESS);
    assert.equal(ServerSigned1.decode(fromBase64(json.serverSigned1)).serverAddress, smdpAddress);
  });

  for (const [title, addressOf] of [
    ['another host', () => 'smdp.example.com'],
    ['another port', () => 'localhost:1'],
    ['the host without its port', () => 'localhost'],
    ['an empty address', () => ''],
    ['a long address', () => 'ä'.repeat(500)],
    ['our address with a trailing dot', () => `${server.config.smdpAddress}.`],
  ] as const) {
    test(`smdpAddress: ${title} → 8.8.1 / 3.8`, async () => {
      assert.equal((await initiate({ smdpAddress: addressOf() })).result, '8.8.1 / 3.8');
    });
  }

  for (const svn of ['2.0.0', '2.2.2', '2.9.1']) {
    test(`euiccInfo1 of version ${svn} is served`, async () => {
      assert.equal((await initiate(infoWith({ svn }))).result, SUCCESS);
    });
  }

  for (const svn of ['1.1.0', '3.0.0', '20.0.0', '0.0.0']) {
    test(`euiccInfo1 of version ${svn} → 8.8.3 / 3.1`, async () => {
      assert.equal((await initiate(infoWith({ svn }))).result, '8.8.3 / 3.1');
    });
  }

  for (const [title, list] of [
    ['no CI', []],
    ['no CI of ours', [unknownCi]],
  ] as const) {
    test(`euiccCiPKIdListForVerification with ${title} → 8.8.4 / 3.7`, async () => {
      const changes = infoWith({ euiccCiPKIdListForVerification: [...list] });
      assert.equal((await initiate(changes)).result, '8.8.4 / 3.7');
    });

    test(`euiccCiPKIdListForSigning with ${title} → 8.8.2 / 3.1`, async () => {
      const changes = infoWith({ euiccCiPKIdListForSigning: [...list] });
      assert.equal((await initiate(changes)).result, '8.8.2 / 3.1');
    });
  }

  test('the first CI of ours in the eUICC’s order is chosen, for each of the two lists', async () => {
    const [p256, brainpool] = cis();
    const reply = await initiate(
      infoWith({
        euiccCiPKIdListForVerification: [unknownCi, brainpool!, p256!],
        euiccCiPKIdListForSigning: [unknownCi, p256!, brainpool!],
      }),
    );
    const { json } = reply;
    const [, identity] = server.server.context.pki.identities;
    assert.deepEqual(
      fromBase64(json.serverCertificate),
      Uint8Array.from(identity!.dpAuth.certificate.der),
    );
    assert.deepEqual(fromBase64(json.euiccCiPKIdToBeUsed).subarray(2), p256);
  });

  test('the checks are made in this order: address, version, then CIs; of two foreign lists, that for signing → 8.8.2 / 3.1', async () => {
    const none = { euiccCiPKIdListForVerification: [], euiccCiPKIdListForSigning: [] };
    const wrong = { smdpAddress: 'elsewhere', ...infoWith({ svn: '3.0.0', ...none }) };
    const { smdpAddress } = server.config;
    assert.equal((await initiate(wrong)).result, '8.8.1 / 3.8');
    assert.equal((await initiate({ ...wrong, smdpAddress })).result, '8.8.3 / 3.1');
    assert.equal((await initiate(infoWith(none))).result, '8.8.2 / 3.1');
  });

  for (const length of [0, 1, 15, 17, 4000]) {
    test(`euiccChallenge of ${length} octets → 1.6 / 2.1`, async () => {
      const euiccChallenge = toBase64(new Uint8Array(length));
      assert.equal((await initiate({ euiccChallenge })).result, '1.6 / 2.1');
    });
  }

  test('a refusal starts no session', async () => {
    const { json } = await initiate({ smdpAddress: 'elsewhere' });
    assert.equal(json.transactionId, undefined);
  });
});
