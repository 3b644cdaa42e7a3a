// §5.6.3 ES9+.AuthenticateClient
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CONFIRMATION_CODE_LIMIT } from '../../src/smdp/download/confirmation-code.ts';
import { DOWNLOAD_LIMIT } from '../../src/smdp/download/ordered-profile.ts';
import { toTemplateRow } from '../../src/smdp/package/sealed-package.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { EUICCInfo2 } from '../../src/rsp/definitions/euicc-info.ts';
import { SmdpSigned2 } from '../../src/rsp/definitions/prepare-download.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import { AuthenticateServerResponse } from '../../src/rsp/definitions/authenticate-server.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import { decodeIccid } from '../../src/rsp/identifiers.ts';
import { authenticateErrorCodes } from '../../src/rsp/reasons.ts';
import type { AuthenticateErrorCode } from '../../src/rsp/reasons.ts';
import { roleOids } from '../../src/rsp/roles.ts';
import { attributeTypes } from '../../src/rsp/distinguished-name.ts';
import { isSignature } from '../../src/rsp/signature.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  errorsLogged,
  fromBase64,
  moveClock,
  stateOf,
  statusOf,
  stepsOf,
  SUCCESS,
} from './calls.ts';
import type { Steps } from './calls.ts';
import { newEid, newEuicc } from './phone.ts';
import {
  credentialOf,
  crlOf,
  EXPIRED,
  issueEuicc,
  issueEum,
  NOT_YET_VALID,
  otherCi,
  ownHolder,
} from './wrong-certificates.ts';
import type { Changes, Holder } from './wrong-certificates.ts';

let server: TestServer;
/** An order that no test here downloads; refusals do not change it. */
let order: any;
before(async () => {
  server = await startTestServer({ es9: true, stock: 30 });
  order = await server.order({ GenerateMatchingId: 'true' });
});
after(async () => {
  assert.deepEqual(errorsLogged(server), []);
  await server[Symbol.asyncDispose]();
});

/** A device with a session, for the shared order. */
async function initiated(matchingId = order.matching_id as string, euicc = newEuicc(server)) {
  const steps = stepsOf(server, matchingId, euicc);
  assert.equal((await steps.initiate()).result, SUCCESS);
  return steps;
}

async function assertRefused(steps: Steps, expected: string, sid: string = order.sid) {
  const untouched = await stateOf(server, sid);
  assert.equal((await steps.authenticate()).result, expected);
  assert.deepEqual(await stateOf(server, sid), untouched, 'nothing has changed');
}

describe('§5.6.3 AuthenticateClient', () => {
  test('answers with the metadata and with what SK.DPpb signs', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = await initiated(mine.matching_id);
    const { result, json } = await steps.authenticate();
    assert.equal(result, SUCCESS);
    assert.equal(json.transactionId, steps.transactionId);
    const metadata = StoreMetadataRequest.decode(fromBase64(json.profileMetadata));
    assert.equal(decodeIccid(metadata.iccid), mine.iccid);
    const signed = SmdpSigned2.decode(fromBase64(json.smdpSigned2));
    assert.equal(
      Buffer.from(signed.transactionId).toString('hex').toUpperCase(),
      steps.transactionId,
    );
    assert.equal(signed.ccRequiredFlag, false);
    assert.equal(signed.bppEuiccOtpk, undefined);
    const sent = steps.sent.authenticateClient!['authenticateServerResponse']!;
    const { authenticateResponseOk: ok } = AuthenticateServerResponse.decode(fromBase64(sent));
    const dpPb = parseCertificate(fromBase64(json.smdpCertificate));
    const signature = readDer(fromBase64(json.smdpSignature2)).contents;
    const covered = [fromBase64(json.smdpSigned2), encodeTlv(0x5f37, ok!.euiccSignature1)];
    assert.equal(signature.length, 64);
    assert.ok(isSignature(dpPb.publicKey, signature, ...covered));
    const { subscription, profile } = await stateOf(server, mine.sid);
    assert.deepEqual([profile?.status, subscription?.download_attempts], ['available', 1]);
  });

  test('a TransactionID in lower-case letters is the same', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = await initiated(mine.matching_id);
    const transactionId = steps.transactionId.toLowerCase();
    const { result, json } = await steps.authenticate({ transactionId });
    assert.equal(result, SUCCESS);
    assert.equal(json.transactionId, steps.transactionId);
  });

  test('a server called by its address in upper-case letters is the same', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, mine.matching_id);
    await steps.initiate({ smdpAddress: server.config.smdpAddress.toUpperCase() });
    assert.equal((await steps.authenticate()).result, SUCCESS);
  });

  for (const [title, transactionId] of [
    ['nobody’s', 'AB'.repeat(16)],
    ['of one octet', 'AB'],
    ['of 17 octets', 'AB'.repeat(17)],
    ['with half an octet', 'ABC'],
    ['that is not hexadecimal', 'no TransactionID'],
    ['that is empty', ''],
    ['with a NUL in it', '\u0000'.repeat(32)],
  ] as const) {
    test(`a TransactionID ${title} → 8.10.1 / 3.9`, async () => {
      const steps = await initiated();
      assert.equal((await steps.authenticate({ transactionId })).result, '8.10.1 / 3.9');
    });
  }

  test('an expired session → 8.10.1 / 3.9', async () => {
    const steps = await initiated();
    moveClock(server, 31 * 60 * 1000);
    try {
      await assertRefused(steps, '8.10.1 / 3.9');
    } finally {
      moveClock(server, 0);
    }
  });

  for (const code of Object.keys(authenticateErrorCodes) as AuthenticateErrorCode[]) {
    test(`AuthenticateErrorCode ${code} ends the session → 8.1 / 6.1`, async () => {
      const steps = await initiated();
      steps.misbehaviour.authenticateErrorCode = code;
      await assertRefused(steps, '8.1 / 6.1');
      assert.equal((await steps.again('authenticateClient')).result, '8.10.1 / 3.9');
    });
  }

  test('an AuthenticateErrorCode of another session ends none → 8.10.1 / 3.9', async () => {
    const victim = await initiated();
    // Refused for this reason, not because the session has ended.
    victim.misbehaviour.signature = () => new Uint8Array(64);
    const steps = await initiated();
    steps.misbehaviour.authenticateErrorCode = 'invalidSignature';
    const { authenticateServerResponse } = steps.authenticateServer();
    const { transactionId } = victim;
    const forged = { transactionId, authenticateServerResponse: authenticateServerResponse! };
    assert.equal((await steps.send('authenticateClient', forged)).result, '8.10.1 / 3.9');
    await assertRefused(victim, '8.1 / 6.1');
  });
});

async function withChain(euicc: Holder, manufacturer: Holder): Promise<Steps> {
  const steps = await initiated();
  steps.misbehaviour.credential = credentialOf(euicc, manufacturer);
  return steps;
}

describe('§5.6.3 the certificates', () => {
  let ci: Holder;
  let eum: Holder;
  let eid: string;
  before(() => {
    ci = ownHolder(server, 'ci');
    eum = ownHolder(server, 'eum');
    eid = newEid();
  });

  const eumCases: [title: string, changes: Changes, expected: string][] = [
    ['expired', EXPIRED, '8.1.2 / 6.3'],
    ['not yet valid', NOT_YET_VALID, '8.1.2 / 6.3'],
    [
      'expired, of another role and not a CA (RFC 5280 §6.1.3: the dates come first)',
      { ...EXPIRED, certificatePolicies: [...roleOids.dpAuth], basicConstraints: { cA: false } },
      '8.1.2 / 6.3',
    ],
    ['of the role of an eUICC', { certificatePolicies: [roleOids.euicc[0]] }, '8.1.2 / 6.1'],
    ['of the role of DPauth', { certificatePolicies: [...roleOids.dpAuth] }, '8.1.2 / 6.1'],
    ['without keyCertSign', { keyUsage: ['digitalSignature'] }, '8.1.2 / 6.1'],
    ['that is not a CA', { basicConstraints: { cA: false } }, '8.1.2 / 6.1'],
    ['without a path length', { basicConstraints: { cA: true } }, '8.1.2 / 6.1'],
    [
      'with a path length of 1',
      { basicConstraints: { cA: true, pathLenConstraint: 1 } },
      '8.1.2 / 6.1',
    ],
    ['with an unknown critical extension', { unknownCritical: ['1.2.3.4'] }, '8.1.2 / 6.1'],
  ];
  for (const [title, changes, expected] of eumCases) {
    test(`an EUM certificate ${title} → ${expected}`, async () => {
      const wrong = issueEum(ci, changes);
      await assertRefused(await withChain(issueEuicc(wrong, eid), wrong), expected);
    });
  }

  test('an EUM certificate that its CI has not signed → 8.1.2 / 6.1', async () => {
    const { certificate } = issueEum(ci);
    const der = certificate.der.slice();
    der[der.length - 3]! ^= 1;
    const wrong = { certificate: { ...certificate, der }, privateKey: eum.privateKey };
    await assertRefused(await withChain(issueEuicc(eum, eid), wrong), '8.1.2 / 6.1');
  });

  test('an EUM certificate of a CI that is not ours → 8.11.1 / 3.9', async () => {
    const wrong = issueEum(otherCi());
    await assertRefused(await withChain(issueEuicc(wrong, eid), wrong), '8.11.1 / 3.9');
  });

  test('an EUM certificate that names no key of its CI, because it is self-signed → 8.1.2 / 6.1', async () => {
    const wrong = issueEum(undefined);
    assert.equal(wrong.certificate.extensions.authorityKeyIdentifier, undefined);
    const steps = await initiated();
    const credential = credentialOf(issueEuicc(eum, eid), eum);
    steps.misbehaviour.credential = { ...credential, eumCertificate: wrong.certificate.der };
    await assertRefused(steps, '8.1.2 / 6.1');
  });

  test('an EUM certificate of our other CI, which was not chosen → 8.11.1 / 3.9', async () => {
    const curve = 'brainpoolP256r1';
    const other = ownHolder(server, 'eum', curve);
    const euicc = issueEuicc(other, eid, {}, curve);
    await assertRefused(await withChain(euicc, other), '8.11.1 / 3.9');
  });

  test('a self-signed EUM certificate with the name and key identifier of our CI → 8.1.2 / 6.1', async () => {
    const impostor = { certificate: ci.certificate, privateKey: otherCi().privateKey };
    const wrong = issueEum(impostor);
    await assertRefused(await withChain(issueEuicc(wrong, eid), wrong), '8.1.2 / 6.1');
  });

  const euiccCases: [title: string, changes: Changes, expected: string][] = [
    ['expired', EXPIRED, '8.1.3 / 6.3'],
    ['not yet valid', NOT_YET_VALID, '8.1.3 / 6.3'],
    ['expired and of another role', { ...EXPIRED, certificatePolicies: [] }, '8.1.3 / 6.3'],
    ['of the role of an EUM', { certificatePolicies: [roleOids.eum[0]] }, '8.1.3 / 6.1'],
    ['of the role of DPpb', { certificatePolicies: [...roleOids.dpPb] }, '8.1.3 / 6.1'],
    ['without digitalSignature', { keyUsage: ['keyCertSign'] }, '8.1.3 / 6.1'],
    ['without any key usage', { keyUsage: [] }, '8.1.3 / 6.1'],
    ['that is a CA', { basicConstraints: { cA: true } }, '8.1.3 / 6.1'],
    ['without an EID', { subject: [{ type: attributeTypes.CN, value: 'eUICC' }] }, '8.1.3 / 6.1'],
    ['with an unknown critical extension', { unknownCritical: ['1.2.3.4'] }, '8.1.3 / 6.1'],
  ];
  for (const [title, changes, expected] of euiccCases) {
    test(`an eUICC certificate ${title} → ${expected}`, async () => {
      await assertRefused(await withChain(issueEuicc(eum, eid, changes), eum), expected);
    });
  }

  test('an EID outside the range of the EUM → 8.1.3 / 6.1', async () => {
    const outside = `8${eid.slice(1, 7)}9${eid.slice(8)}`.replace(/^89049032/, '89049039');
    await assertRefused(await withChain(issueEuicc(eum, outside), eum), '8.1.3 / 6.1');
  });

  test('an EID in the range, but with another organisation than the EUM → 8.1.3 / 6.1', async () => {
    const subject = [
      { type: attributeTypes.O, value: 'Another EUM' },
      { type: attributeTypes.serialNumber, value: eid },
    ];
    await assertRefused(await withChain(issueEuicc(eum, eid, { subject }), eum), '8.1.3 / 6.1');
  });

  test('an eUICC certificate of another EUM → 8.1.3 / 6.1', async () => {
    const other = issueEum(ci);
    await assertRefused(await withChain(issueEuicc(other, eid), eum), '8.1.3 / 6.1');
  });

  test('an eUICC certificate that is the EUM’s own → 8.1.3 / 6.1', async () => {
    await assertRefused(await withChain(eum, eum), '8.1.3 / 6.1');
  });

  test('an EUM of a second range is accepted with an eUICC of that range', async () => {
    const second = issueEum(ci, {
      permittedSubtrees: [
        [
          { type: attributeTypes.O, value: 'Simwright Test EUM' },
          { type: attributeTypes.serialNumber, value: '8904' },
        ],
      ],
    });
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = await initiated(mine.matching_id);
    steps.misbehaviour.credential = credentialOf(issueEuicc(second, eid), second);
    assert.equal((await steps.authenticate()).result, SUCCESS);
  });

  test('an EUM certificate listed on a CRL → 8.1.2 / 6.1, although it was accepted before', async () => {
    const { context } = server.server;
    const revoked = issueEum(ci);
    const euicc = issueEuicc(revoked, eid);
    const steps = await withChain(euicc, revoked);
    steps.matchingId = 'NO-SUCH-ID';
    assert.equal((await steps.authenticate()).result, '8.2.6 / 3.8', 'accepted before');
    const original = Object.getOwnPropertyDescriptor(context, 'pki')!;
    const value = { ...context.pki, crls: [crlOf(ci, [revoked.certificate])] };
    Object.defineProperty(context, 'pki', { value, configurable: true });
    try {
      await assertRefused(await withChain(euicc, revoked), '8.1.2 / 6.1');
      await assertRefused(await initiated('NO-SUCH-ID'), '8.2.6 / 3.8');
    } finally {
      Object.defineProperty(context, 'pki', original);
    }
  });

  test('an EUM certificate that has expired since it was accepted → 8.1.2 / 6.3', async () => {
    const notAfter = new Date(Date.now() + 60_000);
    const brief = issueEum(ci, { notAfter });
    const euicc = issueEuicc(brief, eid);
    const steps = await withChain(euicc, brief);
    steps.matchingId = 'NO-SUCH-ID';
    assert.equal((await steps.authenticate()).result, '8.2.6 / 3.8', 'accepted before');
    const later = await withChain(euicc, brief);
    moveClock(server, 120_000);
    try {
      await assertRefused(later, '8.1.2 / 6.3');
    } finally {
      moveClock(server, 0);
    }
  });
});

describe('§5.6.3 the data signed by the eUICC', () => {
  const signatures: [title: string, edit: (honest: Uint8Array) => Uint8Array][] = [
    ['with a bit changed', (honest) => honest.map((byte, at) => (at === 9 ? byte ^ 1 : byte))],
    ['of 63 octets', (honest) => honest.slice(1)],
    ['of 65 octets', (honest) => Uint8Array.of(0, ...honest)],
    ['that is empty', () => new Uint8Array()],
    ['of zeros', () => new Uint8Array(64)],
    ['of ones', () => new Uint8Array(64).fill(0xff)],
    [
      'with r and s exchanged',
      (honest) => Uint8Array.of(...honest.slice(32), ...honest.slice(0, 32)),
    ],
    [
      'in DER',
      (honest) =>
        encodeTlv(
          0x30,
          encodeTlv(0x02, Uint8Array.of(0, ...honest.slice(0, 32))),
          encodeTlv(0x02, Uint8Array.of(0, ...honest.slice(32))),
        ),
    ],
  ];
  for (const [title, edit] of signatures) {
    test(`euiccSignature1 ${title} → 8.1 / 6.1`, async () => {
      const steps = await initiated();
      steps.misbehaviour.signature = (_name, honest) => edit(honest);
      await assertRefused(steps, '8.1 / 6.1');
    });
  }

  test('euiccSignature1 by another key than the certificate’s → 8.1 / 6.1', async () => {
    const steps = await initiated();
    const eum = ownHolder(server, 'eum');
    const eid = newEid();
    const { certificate } = issueEuicc(eum, eid);
    const { privateKey } = issueEuicc(eum, eid);
    steps.misbehaviour.credential = credentialOf({ certificate, privateKey }, eum);
    await assertRefused(steps, '8.1 / 6.1');
  });

  test('the TransactionID of another session → 8.10.1 / 3.9', async () => {
    const steps = await initiated();
    steps.misbehaviour.euiccSigned1 = (honest) => ({
      ...honest,
      transactionId: honest.transactionId.map((byte) => byte ^ 1),
    });
    await assertRefused(steps, '8.10.1 / 3.9');
  });

  test('the whole response of another session → 8.10.1 / 3.9', async () => {
    const [steps, other] = [await initiated(), await initiated()];
    const { authenticateServerResponse } = other.authenticateServer();
    const replayed = { transactionId: steps.transactionId, authenticateServerResponse };
    assert.equal(
      (await steps.send('authenticateClient', replayed as Record<string, string>)).result,
      '8.10.1 / 3.9',
    );
  });

  test('another server address → 8.1 / 6.1', async () => {
    const steps = await initiated();
    steps.misbehaviour.euiccSigned1 = (honest) => ({
      ...honest,
      serverAddress: 'smdp.example.com',
    });
    await assertRefused(steps, '8.1 / 6.1');
  });

  test('another server challenge → 8.1 / 6.1', async () => {
    const steps = await initiated();
    steps.misbehaviour.euiccSigned1 = (honest) => ({
      ...honest,
      serverChallenge: honest.serverChallenge.map((byte) => byte ^ 1),
    });
    await assertRefused(steps, '8.1 / 6.1');
  });

  test('a NUL in a text of EUICCInfo2 causes no server error', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = await initiated(mine.matching_id);
    steps.misbehaviour.euiccSigned1 = (honest) => ({
      ...honest,
      euiccInfo2: { ...honest.euiccInfo2, sasAcreditationNumber: 'NUL \u0000, -- and "' },
    });
    assert.equal((await steps.authenticate()).result, SUCCESS);
  });
});

describe('§5.6.3 choosing the profile', () => {
  for (const [title, matchingId] of [
    ['that no order has', 'NO-SUCH-ID'],
    ['in lower-case letters', 'lower-case'],
    ['that is a path', '../../etc/passwd'],
    ['with a NUL in it', 'A\u0000B'],
    ['with a wildcard', '%'],
    ['of 255 signs', 'A'.repeat(255)],
    ['of 256 signs', 'A'.repeat(256)],
  ] as const) {
    test(`a MatchingID ${title} → 8.2.6 / 3.8`, async () => {
      await assertRefused(await initiated(matchingId), '8.2.6 / 3.8');
    });
  }

  test('no MatchingID, and no profile for the EID → 8.1.1 / 3.8', async () => {
    await assertRefused(await initiated(''), '8.1.1 / 3.8');
  });

  test('no MatchingID does not find an order with one for the same EID → 8.1.1 / 3.8', async () => {
    const eid = newEid();
    const mine = await server.order({ Eid: eid, GenerateMatchingId: 'true' });
    const steps = await initiated('', newEuicc(server, { eid }));
    await assertRefused(steps, '8.1.1 / 3.8', mine.sid);
  });

  test('an order for another EID → 8.1.1 / 3.8', async () => {
    const mine = await server.order({ Eid: newEid(), GenerateMatchingId: 'true' });
    await assertRefused(await initiated(mine.matching_id), '8.1.1 / 3.8', mine.sid);
  });

  test('several profiles for one EID are delivered one after the other', async () => {
    const eid = newEid();
    const orders = [await server.order({ Eid: eid }), await server.order({ Eid: eid })];
    const euicc = newEuicc(server, { eid });
    for (const _ of orders) {
      const steps = stepsOf(server, '', euicc);
      await steps.notify(await steps.install());
    }
    const statuses = await Promise.all(orders.map(({ sid }) => statusOf(server, sid)));
    assert.deepEqual(statuses, ['installed Installed', 'installed Installed']);
    await assertRefused(await initiated('', euicc), '8.1.1 / 3.8');
  });

  test('a profile that is not released yet → 8.2 / 1.2', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const { store } = server.server.context;
    const { subscription } = await stateOf(server, mine.sid);
    await store.transaction((tables) =>
      tables.subscriptions.transition(subscription!, { ...subscription!, state: 'Confirmed' }),
    );
    await assertRefused(await initiated(mine.matching_id), '8.2 / 1.2', mine.sid);
  });

  test('a profile that is installed → 8.2.6 / 3.8 for its own eUICC', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, mine.matching_id);
    await steps.notify(await steps.install());
    const again = await initiated(mine.matching_id, steps.euicc);
    await assertRefused(again, '8.2.6 / 3.8', mine.sid);
  });

  test(`attempt ${DOWNLOAD_LIMIT + 1} → 8.8.5 / 6.4, and the order has failed`, async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server);
    for (let attempt = 0; attempt < DOWNLOAD_LIMIT; attempt += 1) {
      assert.equal(
        (await (await initiated(mine.matching_id, euicc)).authenticate()).result,
        SUCCESS,
      );
    }
    assert.equal(await statusOf(server, mine.sid), 'available Released');
    const last = await initiated(mine.matching_id, euicc);
    assert.equal((await last.authenticate()).result, '8.8.5 / 6.4');
    assert.equal(await statusOf(server, mine.sid), 'failed Error');
    const { profile } = await stateOf(server, mine.sid);
    assert.equal(profile?.error_code, '8.8.5/6.4');
    // The same call, and every later one, gets the same result.
    assert.equal((await last.again('authenticateClient')).result, '8.8.5 / 6.4');
    await assertRefused(await initiated(mine.matching_id), '8.8.5 / 6.4', mine.sid);
  });

  test('refusals do not count as attempts', async () => {
    for (let attempt = 0; attempt <= CONFIRMATION_CODE_LIMIT; attempt += 1) {
      const steps = await initiated();
      steps.misbehaviour.signature = () => new Uint8Array(64);
      await assertRefused(steps, '8.1 / 6.1');
    }
    const { subscription } = await stateOf(server, order.sid);
    assert.equal(subscription?.download_attempts, 0);
  });
});

/** extCardResource with this much free non-volatile memory. */
const memory = (free: Uint8Array) =>
  Uint8Array.from([
    ...encodeTlv(0x81, Uint8Array.of(1)),
    ...encodeTlv(0x82, free),
    ...encodeTlv(0x83, Uint8Array.of(0x40, 0)),
  ]);

async function withInfo(changes: Partial<EUICCInfo2>, matchingId = order.matching_id) {
  const steps = await initiated(matchingId);
  steps.misbehaviour.euiccSigned1 = (honest) => ({
    ...honest,
    euiccInfo2: { ...honest.euiccInfo2, ...changes },
  });
  return steps;
}

describe('§5.6.3 eligibility', () => {
  test('too little memory → 8.1 / 4.8', async () => {
    await assertRefused(
      await withInfo({ extCardResource: memory(Uint8Array.of(0x01, 0)) }),
      '8.1 / 4.8',
    );
    await assertRefused(await withInfo({ extCardResource: memory(Uint8Array.of(0)) }), '8.1 / 4.8');
  });

  test('missing or unreadable memory information is not a reason to refuse', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    for (const extCardResource of [
      new Uint8Array(),
      Uint8Array.of(0x82),
      Uint8Array.of(0x82, 0x00),
      Uint8Array.of(0x82, 0x7f, 1),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    ]) {
      const steps = await withInfo({ extCardResource }, mine.matching_id);
      assert.equal((await steps.authenticate()).result, SUCCESS);
    }
  });

  test('a policy rule that the eUICC forbids → 8.2.5 / 4.3', async () => {
    const { store, masterKey, now } = server.server.context;
    const { username } = server.account;
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const place = { accountSid: username, profileType: 'default' };
    const metadata = JSON.stringify({ profilePolicyRules: ['ppr1'] });
    const template = toTemplateRow(defaultTemplate(), place, metadata, masterKey, now());
    await store.transaction((tables) => tables.profilePackages.setTemplate(template));
    const forbidden = await withInfo(
      { forbiddenProfilePolicyRules: ['ppr1', 'ppr2'] },
      mine.matching_id,
    );
    await assertRefused(forbidden, '8.2.5 / 4.3', mine.sid);
    const other = await withInfo({ forbiddenProfilePolicyRules: ['ppr2'] }, mine.matching_id);
    assert.equal((await other.authenticate()).result, SUCCESS);
  });
});
