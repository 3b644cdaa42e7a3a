// A virtual eUICC: keys, certificates, profiles and notifications, on which the ES10 functions operate.
import type { KeyObject } from 'node:crypto';
import { parseCertificate, type Certificate } from '../rsp/certificate.ts';
import { isSameKeyIdentifier } from '../rsp/certificate-chain.ts';
import {
  createCredential,
  decodePrivateKey,
  encodePrivateKey,
  type CertificateBytes,
  type Credential,
} from './credential.ts';
import { fromBase64, toBase64, type EuiccState, type IotState } from './euicc-state.ts';
import type { EuiccMisbehaviour, SignatureName } from './misbehaviour.ts';
import type { EuiccSession } from './session.ts';

export interface Euicc {
  readonly eid: string;
  readonly credentials: readonly Credential[];
  readonly cis: readonly Certificate[];
  /** Persistent; changed in place by the functions. */
  readonly state: EuiccState;
  readonly now: () => Date;
  readonly misbehaviour: EuiccMisbehaviour;
  readonly keep: (tag: number) => void;
  /** The last challenge issued, until it is used. */
  euiccChallenge?: Uint8Array | undefined;
  session?: EuiccSession | undefined;
  /** The last profile installed since power on, for ES10b.ImmediateEnable (SGP.32 §5.9.15). */
  lastInstalled?: InstalledFrom | undefined;
  /** Whether the card should ask the device for a REFRESH (§5.7.16 to §5.7.19). */
  refreshes?: boolean;
}

export interface InstalledFrom {
  readonly iccid: string;
  readonly smdpOid: string;
  readonly smdpAddress: string;
}

export interface EuiccOptions {
  /** The device's clock, used to check certificates. */
  readonly now?: () => Date;
  readonly misbehaviour?: EuiccMisbehaviour;
  /** Called after each function, by the tag of its request: a card has kept what a function has changed before it answers. */
  readonly keep?: (tag: number) => void;
}

export interface NewEuicc {
  readonly eid: string;
  /** At least one, in order of preference. */
  readonly credentials: readonly ({ readonly privateKey: KeyObject } & CertificateBytes)[];
  /** DER of the CI certificates to trust. */
  readonly cis: readonly Uint8Array[];
  readonly defaultDpAddress?: string;
  readonly rootDsAddress?: string;
  readonly profileMemory?: number;
  /** Whether it is an IoT eUICC (SGP.32), managed by eIMs instead of a user. */
  readonly isIot?: boolean;
}

const PROFILE_MEMORY = 1_000_000;

/** Creates an eUICC as it leaves its manufacturer. */
export function createEuicc(made: NewEuicc, options: EuiccOptions = {}): Euicc {
  return openEuicc(
    {
      eid: made.eid,
      credentials: made.credentials.map(({ privateKey, euiccCertificate, eumCertificate }) => ({
        privateKey: toBase64(encodePrivateKey(privateKey)),
        euiccCertificate: toBase64(euiccCertificate),
        eumCertificate: toBase64(eumCertificate),
      })),
      cis: made.cis.map(toBase64),
      defaultDpAddress: made.defaultDpAddress ?? '',
      initialDpAddress: made.defaultDpAddress ?? '',
      rootDsAddress: made.rootDsAddress ?? '',
      profileMemory: made.profileMemory ?? PROFILE_MEMORY,
      forbiddenProfilePolicyRules: [],
      nextSeqNumber: 1,
      nextIsdp: 1,
      profiles: [],
      notifications: [],
      oneTimeKeys: [],
      ...(made.isIot === true ? { iot: newIotState() } : {}),
    },
    options,
  );
}

function newIotState(): IotState {
  return { eims: [], nextAssociationToken: 1, results: [], immediateEnable: { isAllowed: false } };
}

/** Powers on an eUICC with its persistent state. */
export function openEuicc(state: EuiccState, options: EuiccOptions = {}): Euicc {
  const { now = () => new Date(), misbehaviour = {}, keep = () => {} } = options;
  return {
    eid: state.eid,
    credentials: state.credentials.map(({ privateKey, euiccCertificate, eumCertificate }) =>
      createCredential(decodePrivateKey(fromBase64(privateKey)), {
        euiccCertificate: fromBase64(euiccCertificate),
        eumCertificate: fromBase64(eumCertificate),
      }),
    ),
    cis: state.cis.map((der) => parseCertificate(fromBase64(der))),
    state,
    now,
    misbehaviour,
    keep,
  };
}

/** What an eUICC does not remember without power. */
export function powerOff(euicc: Euicc): void {
  euicc.euiccChallenge = undefined;
  euicc.session = undefined;
  euicc.lastInstalled = undefined;
  euicc.refreshes = false;
}

/** The CI that issued a certificate, if the eUICC trusts it. */
export function findCi(euicc: Euicc, issued: Certificate): Certificate | undefined {
  const { authorityKeyIdentifier } = issued.extensions;
  return euicc.cis.find(({ extensions }) =>
    isSameKeyIdentifier(extensions.subjectKeyIdentifier, authorityKeyIdentifier),
  );
}

export function findCredential(euicc: Euicc, ciPKId: Uint8Array): Credential | undefined {
  return euicc.credentials.find((credential) => isSameKeyIdentifier(credential.ciPKId, ciPKId));
}

/** Signs, or spoils the signature if told to misbehave. */
export function signAs(
  euicc: Euicc,
  credential: Credential,
  name: SignatureName,
  ...signed: readonly Uint8Array[]
): Uint8Array {
  const signature = credential.signer.sign(Buffer.concat(signed));
  return euicc.misbehaviour.signature?.(name, signature) ?? signature;
}

export function freeProfileMemory({ state }: Euicc): number {
  const used = state.profiles.reduce((sum, { upp }) => sum + fromBase64(upp).length, 0);
  return Math.max(0, state.profileMemory - used);
}
