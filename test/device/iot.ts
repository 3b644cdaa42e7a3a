// A virtual IoT eUICC for the tests, with an eIM that sends it packages.
import { callEs10 } from '../../src/device/es10.ts';
import { createEuicc, openEuicc, type Euicc, type EuiccOptions } from '../../src/device/euicc.ts';
import type { EuiccState, ProfileState } from '../../src/device/euicc-state.ts';
import { toBase64, toHex } from '../../src/device/euicc-state.ts';
import type { Association } from '../../src/eim/association.ts';
import { nextCounterValue } from '../../src/eim/counter.ts';
import { verifyEuiccCertificates } from '../../src/eim/euicc-certificates.ts';
import {
  newEimTransactionId,
  signEuiccPackage,
  type SentPackage,
} from '../../src/eim/euicc-package.ts';
import { verifyPackageResult, type PackageOutcome } from '../../src/eim/euicc-package-result.ts';
import {
  addInitialEimRequest,
  configurationDataOf,
  readAddInitialEimResponse,
} from '../../src/eim/identity.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { VerifiedEuicc } from '../../src/rsp/certificate-chain.ts';
import { EuiccPackageResult, type EuiccPackage } from '../../src/rsp/definitions/euicc-package.ts';
import { GetCertsResponse } from '../../src/rsp/definitions/iot-functions.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { EID, association, testEim, type EimParty } from '../eim/parties.ts';
import { testPki, type TestPki } from './test-pki.ts';

const NOTIFICATION_ADDRESS = 'smdp.example.com';

export function iotEuicc(pki: TestPki, options: EuiccOptions = {}): Euicc {
  const { privateKey, der } = pki.euicc(EID);
  const credential = { privateKey, euiccCertificate: der, eumCertificate: pki.eum.der };
  return createEuicc(
    { eid: EID, credentials: [credential], cis: [pki.ci.der], isIot: true },
    options,
  );
}

/** A profile as if it had been installed. */
export function putProfile(
  euicc: Euicc,
  iccid: string,
  { isEnabled = false, ...metadata }: { isEnabled?: boolean } & Partial<StoreMetadataRequest> = {},
): ProfileState {
  const profile: ProfileState = {
    iccid,
    isdpAid: `A0000005591010FFFFFFFF890000${euicc.state.nextIsdp.toString(16).padStart(2, '0')}00`,
    isEnabled,
    nickname: '',
    metadata: toBase64(
      StoreMetadataRequest.encode({
        iccid: encodeIccid(iccid),
        serviceProviderName: 'Simwright',
        profileName: iccid,
        profileClass: 2,
        notificationConfigurationInfo: [
          {
            profileManagementOperation: [
              'notificationEnable',
              'notificationDisable',
              'notificationDelete',
            ],
            notificationAddress: NOTIFICATION_ADDRESS,
          },
        ],
        ...metadata,
      }),
    ),
    upp: '',
    ciPKId: toHex(euicc.credentials[0]!.ciPKId),
    sqn: '000000000000',
  };
  euicc.state.nextIsdp += 1;
  euicc.state.profiles.push(profile);
  return profile;
}

/** An eIM, associated with an eUICC. */
export class TestEimOfEuicc {
  readonly euicc: Euicc;
  readonly eim: EimParty;
  readonly certified: VerifiedEuicc;
  association: Association;

  constructor(euicc: Euicc, pki: TestPki, eim: EimParty, changes: Partial<Association>) {
    this.euicc = euicc;
    this.eim = eim;
    this.association = association({ eimId: eim.eimId, ...changes });
    const { certs } = GetCertsResponse.decode(callEs10(euicc, Uint8Array.of(0xbf, 0x56, 0x00)));
    this.certified = verifyEuiccCertificates(certs!, [parseCertificate(pki.ci.der)], {
      now: new Date(),
    });
  }

  /** Signs the next package. */
  async sign(euiccPackage: EuiccPackage, changes: Partial<Association> = {}): Promise<SentPackage> {
    const counterValue = nextCounterValue(this.association.counterValue);
    this.association = { ...this.association, counterValue };
    return signEuiccPackage(
      this.eim,
      { ...this.association, ...changes },
      {
        counterValue,
        eimTransactionId: newEimTransactionId(),
        euiccPackage,
      },
    );
  }

  load(sent: SentPackage): PackageOutcome {
    return this.verify(callEs10(this.euicc, sent.der), sent);
  }

  verify(result: Uint8Array, sent: SentPackage): PackageOutcome {
    return verifyPackageResult(EuiccPackageResult.decode(result), sent, this.association, {
      euicc: this.certified,
    });
  }

  /** What came of a package, in words. */
  async run(euiccPackage: EuiccPackage): Promise<string[]> {
    return inWords(this.load(await this.sign(euiccPackage)));
  }
}

export function inWords(outcome: PackageOutcome): string[] {
  if (outcome.outcome !== 'executed') return [`${outcome.outcome} ${outcome.error ?? ''}`.trim()];
  const { results, terminated, rollback } = outcome;
  return [
    ...results.map(({ name, code }) => `${name} ${code}`),
    ...(terminated === undefined ? [] : [`terminated ${terminated}`]),
    ...(rollback === undefined ? [] : [`rollback ${rollback}`]),
  ];
}

/** An eUICC with an eIM, which it was given by AddInitialEim. */
export function associated(
  options: EuiccOptions & { pki?: TestPki; eim?: EimParty } = {},
): TestEimOfEuicc {
  const { pki = testPki(), eim = testEim(), ...euiccOptions } = options;
  const euicc = iotEuicc(pki, euiccOptions);
  const response = callEs10(euicc, addInitialEimRequest(configurationDataOf(eim)));
  const [associationToken] = readAddInitialEimResponse(response);
  return new TestEimOfEuicc(euicc, pki, eim, { associationToken });
}

/** After a power loss, with the state written and read. */
export function repowered(euicc: Euicc): Euicc {
  return openEuicc(JSON.parse(JSON.stringify(euicc.state)) as EuiccState, {
    misbehaviour: euicc.misbehaviour,
  });
}
