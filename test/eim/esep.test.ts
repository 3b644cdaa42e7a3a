// ESep: packages that the eIM signs, and results that eUICCs sign.
import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { describe, test } from 'node:test';
import { euiccPackageOf } from '../../src/eim/operations/contents.ts';
import {
  disable,
  deleteProfile,
  ecoPackage,
  enable,
  listProfileInfo,
  psmoPackage,
} from '../../src/eim/commands.ts';
import {
  MAX_COUNTER_VALUE,
  counterValueAfterReplay,
  nextCounterValue,
} from '../../src/eim/counter.ts';
import { EimError, type EimFailure } from '../../src/eim/eim-error.ts';
import { verifyEuiccCertificates } from '../../src/eim/euicc-certificates.ts';
import {
  readSentPackage,
  signEuiccPackage,
  type SentPackage,
} from '../../src/eim/euicc-package.ts';
import {
  isResultOf,
  verifyPackageResult,
  type PackageOutcome,
  type ResultContext,
} from '../../src/eim/euicc-package-result.ts';
import {
  addInitialEimRequest,
  configurationDataOf,
  readAddInitialEimResponse,
} from '../../src/eim/identity.ts';
import type { Association } from '../../src/eim/association.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { EimConfigurationData } from '../../src/rsp/definitions/eim-configuration-data.ts';
import { EuiccPackageResult, type EuiccPackage } from '../../src/rsp/definitions/euicc-package.ts';
import { encodeTlv, readDer, DerReader } from '../../src/rsp/der.ts';
import { eimPublicKeyOf } from '../../src/rsp/eim-key.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import { testPki } from '../device/test-pki.ts';
import { hex, toHex } from '../rsp/vectors.ts';
import {
  EID,
  EIM_ID,
  ICCID,
  OTHER_ICCID,
  association,
  certifiedEuicc,
  ecdsa,
  testEim,
} from './parties.ts';

const eim = testEim();
const pki = testPki();
const euicc = certifiedEuicc(pki);
const eimTransactionId = hex('a1b2');

async function sendPackage(
  euiccPackage: EuiccPackage = psmoPackage(enable(ICCID)),
  associated: Association = association(),
): Promise<SentPackage> {
  return signEuiccPackage(eim, associated, { counterValue: 7, eimTransactionId, euiccPackage });
}

const EIM_ID_TLV = `800f ${toHex(Buffer.from(EIM_ID))}`;

/** A result as an eUICC signs it. */
function signed(
  data: string,
  { alternative = 0xa0, besides = '840200c8', key = euicc.privateKey, isDer = false } = {},
): EuiccPackageResult {
  const der = encodeTlv(0x30, hex(data));
  const signature = ecdsa(key, Buffer.concat([der, hex(besides)]), isDer ? 'der' : 'ieee-p1363');
  return EuiccPackageResult.decode(
    encodeTlv(0xbf51, encodeTlv(alternative, der, encodeTlv(0x5f37, signature))),
  );
}

const HEAD = `${EIM_ID_TLV} 810107 8202a1b2`;
const enabled = `${HEAD} 830105 3003 830100`;
const refusal = (code: string) => signed(`${HEAD} 0201${code}`, { alternative: 0xa1 });

function outcomeOf(
  result: EuiccPackageResult,
  sent: SentPackage,
  {
    associated = association(),
    context = { euicc: euicc.verified },
  }: { associated?: Association; context?: ResultContext } = {},
): PackageOutcome {
  return verifyPackageResult(result, sent, associated, context);
}

const fails = (failure: EimFailure) => (error: unknown) =>
  error instanceof EimError && error.failure === failure;

describe('SGP.32 §2.11.1.1 an eUICC package', () => {
  test('SGP.32 §2.11.1.1 has the bytes of the standard and is signed over them and the association token', async () => {
    const { der, eimSignature } = await sendPackage(psmoPackage(enable(ICCID, { rollback: true })));
    const body = `${EIM_ID_TLV} 5a10${EID} 810107 8202a1b2 a010 a30e 5a0a98001032547698103214 0500`;
    const signedDer = encodeTlv(0x30, hex(body));
    assert.equal(toHex(der), toHex(encodeTlv(0xbf51, signedDer, encodeTlv(0x5f37, eimSignature))));
    assert.equal(eimSignature.length, 64);
    const key = { key: eim.publicKey, dsaEncoding: 'ieee-p1363' as const };
    // 200 needs a leading zero.
    const covered = Buffer.concat([signedDer, hex('840200c8')]);
    assert.ok(verify('sha256', covered, key, eimSignature));
  });

  test('SGP.32 §2.11.1.1 without a token covers a token of zero', async () => {
    const { der, eimSignature } = await sendPackage(
      psmoPackage(enable(ICCID)),
      association({ associationToken: undefined }),
    );
    const signedDer = DerReader.inside(readDer(der)).next().der;
    const key = { key: eim.publicKey, dsaEncoding: 'ieee-p1363' as const };
    assert.ok(verify('sha256', Buffer.concat([signedDer, hex('840100')]), key, eimSignature));
  });

  test('SGP.32 §2.11.1.1 is read again from its bytes as it was sent', async () => {
    const sent = await sendPackage();
    assert.deepEqual(readSentPackage(EID, sent.der), sent);
  });

  test('SGP.32 §2.11.1.1.3 has at most one enable and one disable, and no listProfileInfo after a change', () => {
    assert.throws(() => psmoPackage(), fails('package'));
    assert.throws(() => ecoPackage(), fails('package'));
    assert.throws(() => psmoPackage(enable(ICCID), enable(OTHER_ICCID)), fails('package'));
    assert.throws(() => psmoPackage(disable(ICCID), disable(OTHER_ICCID)), fails('package'));
    assert.throws(() => psmoPackage(deleteProfile(ICCID), listProfileInfo()), fails('package'));
    psmoPackage(listProfileInfo(), disable(ICCID), deleteProfile(ICCID), enable(OTHER_ICCID));
  });

  test('SGP.32 §2.11.1.1 counts up to 8388607', () => {
    assert.equal(nextCounterValue(0), 1);
    assert.equal(nextCounterValue(MAX_COUNTER_VALUE - 1), 8_388_607);
    assert.throws(() => nextCounterValue(MAX_COUNTER_VALUE), fails('counter-exhausted'));
  });

  test('SGP.32 §2.11.2.1 replayError is answered with values that grow until the limit', () => {
    let counterValue = 5;
    const values: number[] = [];
    for (let attempt = 0; counterValue < MAX_COUNTER_VALUE; attempt += 1) {
      counterValue = counterValueAfterReplay(counterValue, attempt);
      values.push(counterValue);
    }
    assert.deepEqual(values.slice(0, 3), [1029, 5125, 21_509]);
    assert.equal(values.at(-1), MAX_COUNTER_VALUE);
    assert.ok(values.length <= 8, `${values.length} attempts`);
    assert.throws(() => counterValueAfterReplay(counterValue, 9), fails('counter-exhausted'));
  });
});

describe('SGP.32 §2.11.2.1 a result', () => {
  test('SGP.32 §2.11.2.1 counts if the eUICC has signed it with the token', async () => {
    const outcome = outcomeOf(signed(enabled), await sendPackage());
    assert.ok(outcome.outcome === 'executed');
    const { results, ...rest } = outcome;
    assert.deepEqual(rest, {
      outcome: 'executed',
      seqNumber: 5,
      isSigned: true,
      isRepeated: false,
    });
    assert.deepEqual(
      results.map(({ name, code, isOk }) => [name, code, isOk]),
      [['enable', 'ok', true]],
    );
  });

  test('SGP.32 §2.11.2.1 may be signed in DER', async () => {
    const outcome = outcomeOf(signed(enabled, { isDer: true }), await sendPackage());
    assert.equal(outcome.outcome, 'executed');
  });

  test('SGP.32 §2.11.2.1 of v1.0.1 covers eimSignature, which is refused unless the association says so', async () => {
    const sent = await sendPackage();
    const old = signed(enabled, { besides: `5f3740 ${toHex(sent.eimSignature)}` });
    assert.throws(() => outcomeOf(old, sent), fails('signature'));
    const associated = association({ resultSignature: 'eimSignature' });
    assert.equal(outcomeOf(old, sent, { associated }).outcome, 'executed');
    assert.throws(() => outcomeOf(signed(enabled), sent, { associated }), fails('signature'));
  });

  test('SGP.32 §2.11.2.1 with another token, or changed, is refused', async () => {
    const sent = await sendPackage();
    assert.throws(
      () => outcomeOf(signed(enabled, { besides: '840100' }), sent),
      fails('signature'),
    );
    const changed = hex(
      toHex(EuiccPackageResult.encode(signed(enabled))).replace('3003830100', '3003830101'),
    );
    assert.throws(() => outcomeOf(EuiccPackageResult.decode(changed), sent), fails('signature'));
  });

  test('SGP.32 §2.11.2.1 without a signature counts only if the association says so, and is marked', async () => {
    const sent = await sendPackage();
    const unsigned = EuiccPackageResult.decode(
      encodeTlv(0xbf51, encodeTlv(0xa0, encodeTlv(0x30, hex(enabled)), hex('5f3700'))),
    );
    assert.throws(() => outcomeOf(unsigned, sent), fails('signature'));
    const associated = association({ acceptsUnsignedResults: true });
    const context = { euicc: undefined, highestSeqNumber: 5 };
    const outcome = outcomeOf(unsigned, sent, { associated, context });
    assert.ok(outcome.outcome === 'executed');
    assert.deepEqual([outcome.isSigned, outcome.isRepeated], [false, false]);
  });

  test('SGP.32 §2.11.2.1 signed by another eUICC is refused', async () => {
    const other = certifiedEuicc(pki, '89049032000000000000000000000298');
    const sent = await sendPackage();
    const foreign = signed(enabled, { key: other.privateKey });
    assert.throws(() => outcomeOf(foreign, sent), fails('signature'));
    const context = { euicc: other.verified };
    assert.throws(() => outcomeOf(foreign, sent, { context }), fails('eid'));
    assert.throws(
      () => outcomeOf(foreign, sent, { context: { euicc: undefined } }),
      /not known yet/,
    );
  });

  test('SGP.32 §2.11.2.1 is found by eimTransactionId, or else by eimId and counter', async () => {
    const sent = await sendPackage();
    const withHead = (head: string) => signed(`${head} 830105 3003 830100`);
    assert.ok(isResultOf(withHead(`${EIM_ID_TLV} 810108 8202a1b2`), sent));
    assert.ok(!isResultOf(withHead(`${EIM_ID_TLV} 810107 8202a1b3`), sent));
    assert.ok(isResultOf(withHead(`${EIM_ID_TLV} 810107`), sent));
    assert.ok(!isResultOf(withHead(`${EIM_ID_TLV} 810108`), sent));
    assert.throws(
      () => outcomeOf(withHead(`${EIM_ID_TLV} 810107 8202a1b3`), sent),
      fails('other-package'),
    );
    assert.throws(
      () => outcomeOf(withHead(`${EIM_ID_TLV} 810108 8202a1b2`), sent),
      fails('counter'),
    );
    assert.throws(() => outcomeOf(withHead('800165 810107 8202a1b2'), sent), fails('other-eim'));
  });

  test('SGP.32 §2.11.2.1 that has come before is marked', async () => {
    const sent = await sendPackage();
    const repeatedAfter = (highestSeqNumber: number) => {
      const context = { euicc: euicc.verified, highestSeqNumber };
      const outcome = outcomeOf(signed(enabled), sent, { context });
      return outcome.outcome === 'executed' && outcome.isRepeated;
    };
    assert.deepEqual([4, 5, 6].map(repeatedAfter), [false, true, true]);
  });

  test('SGP.32 §2.11.2.1 a signed error has its name', async () => {
    const sent = await sendPackage();
    const errors = ['03', '04', '06', '0f', '68', '63'].map((code) => {
      const outcome = outcomeOf(refusal(code), sent);
      return outcome.outcome === 'refused' ? outcome.error : outcome.outcome;
    });
    assert.deepEqual(errors, [
      'invalidEid',
      'replayError',
      'counterValueOutOfRange',
      'sizeOverflow',
      'ecallActive',
      '99',
    ]);
  });

  test('SGP.32 §2.11.2.1 an unsigned error is not verified, and says with which token the eUICC counts', async () => {
    const error = EuiccPackageResult.decode(
      encodeTlv(0xbf51, encodeTlv(0xa2, hex(`${EIM_ID_TLV} 8202a1b2 840101`))),
    );
    assert.deepEqual(outcomeOf(error, await sendPackage()), {
      outcome: 'unverified',
      associationToken: 1,
    });
  });

  test('SGP.32 §2.11.2.1 has a result for each command, or says why not', async () => {
    const sent = await sendPackage(
      psmoPackage(disable(ICCID), deleteProfile(ICCID), enable(OTHER_ICCID)),
    );
    const executed = (results: string) => {
      const contents = hex(results);
      const list = toHex(encodeTlv(0x30, contents));
      const outcome = outcomeOf(signed(`${HEAD} 830105 ${list}`), sent);
      assert.ok(outcome.outcome === 'executed');
      return [
        outcome.results.map(({ name, code }) => `${name} ${code}`),
        outcome.terminated,
        outcome.rollback,
      ];
    };
    assert.deepEqual(executed('840100 850103 020102'), [
      ['disable ok', 'delete disallowedByPolicy'],
      'unknownOrDamagedCommand',
      undefined,
    ]);
    assert.deepEqual(executed('840100 850100 830100 8c0100'), [
      ['disable ok', 'delete ok', 'enable ok'],
      undefined,
      'ok',
    ]);
    for (const wrong of [
      '840100',
      '840100 850100',
      '850100 840100 830100',
      '840100 850100 830100 830100',
    ]) {
      assert.throws(() => executed(wrong), fails('results'), wrong);
    }
    assert.throws(() => executed('8f0100 850100 830100'), /expected disableResult, found unknown/);
  });

  test('SGP.32 §2.11.2.1 of an eCO has its name; lastEimDeleted is a success', async () => {
    const sent = await sendPackage(
      ecoPackage({ addEim: { eimId: 'b' } }, { deleteEim: { eimId: EIM_ID } }),
    );
    const outcome = outcomeOf(signed(`${HEAD} 830105 3008 a803840109 890102`), sent);
    assert.ok(outcome.outcome === 'executed');
    assert.deepEqual(
      outcome.results.map(({ name, code, isOk }) => [name, code, isOk]),
      [
        ['addEim', 'ok', true],
        ['deleteEim', 'lastEimDeleted', true],
      ],
    );
    assert.equal(outcome.results[0]?.data.addEimResult?.associationToken, 9);
  });
});

describe('SGP.32 §2.11.1.1.2 what an eUICC knows of the eIM', () => {
  test('SGP.32 §2.11.1.1.2 is its name, address and key', () => {
    const data = EimConfigurationData.decode(EimConfigurationData.encode(configurationDataOf(eim)));
    assert.deepEqual(
      { ...data, eimPublicKeyData: undefined },
      {
        eimId: EIM_ID,
        eimFqdn: EIM_ID,
        eimIdType: 2,
        counterValue: 0,
        associationToken: -1,
        eimSupportedProtocol: ['eimRetrieveHttps'],
        indirectProfileDownload: null,
        eimPublicKeyData: undefined,
      },
    );
    assert.ok(data.eimPublicKeyData);
    assert.ok(eimPublicKeyOf(data.eimPublicKeyData).equals(eim.publicKey));
  });

  test('SGP.32 §2.11.1.1.2 updateEim says that it relays downloads, but to an eUICC of v1.0.1, whose IPA leaves that out', async () => {
    const keys = { identity: () => Promise.resolve(eim) };
    const told = async (result_signature: 'associationToken' | 'eimSignature') => {
      const row = { kind: 'updateEim', parameters: '{"key":1}' };
      const { ecoList } = await euiccPackageOf(row, keys, { result_signature });
      return ecoList?.[0]?.updateEim?.indirectProfileDownload;
    };
    assert.deepEqual(
      [await told('associationToken'), await told('eimSignature')],
      [null, undefined],
    );
  });

  test('SGP.32 §2.11.1.1.2 is a certificate if the eIM has one, of which only the key counts', () => {
    const { eimPublicKeyData } = configurationDataOf({ ...eim, certificate: euicc.certificate });
    assert.deepEqual(eimPublicKeyData, { eimCertificate: euicc.certificate });
    assert.ok(eimPublicKeyOf(eimPublicKeyData).equals(euicc.verified.publicKey));
  });

  test('SGP.32 §5.9.4 is added by the device while the eUICC has no eIM, and answered with a token', () => {
    const request = addInitialEimRequest(configurationDataOf(eim));
    assert.match(toHex(request), /^bf5781.{2}a081.{2}3081.{2}800f/);
    assert.deepEqual(readAddInitialEimResponse(hex('bf5705 a003 840101')), [1]);
    assert.deepEqual(readAddInitialEimResponse(hex('bf5704 a002 0500')), [undefined]);
    assert.throws(
      () => readAddInitialEimResponse(hex('bf5703 810102')),
      /associatedEimAlreadyExists/,
    );
  });
});

describe('SGP.32 §2.11.2.2 the certificates of an eUICC', () => {
  test('SGP.32 §2.11.2.2 are verified up to a CI that is trusted', () => {
    const { der } = pki.euicc(EID);
    const chain = { euiccCertificate: der, eumCertificate: pki.eum.der };
    const [ci, other] = [pki, testPki()].map((one) => parseCertificate(one.ci.der));
    const now = new Date();
    assert.equal(verifyEuiccCertificates(chain, [other!, ci!], { now }).eid, EID);
    assert.throws(() => verifyEuiccCertificates(chain, [other!], { now }), VerifyError);
    const self = { euiccCertificate: der, eumCertificate: der };
    assert.throws(() => verifyEuiccCertificates(self, [ci!], { now }), VerifyError);
  });
});
