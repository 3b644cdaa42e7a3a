// The data with which a profile package is personalised, and the checks on it.
import type { AlgoParameter, AlgorithmName } from './aka-parameter.ts';
import { ALGORITHM_IDS } from './aka-parameter.ts';
import type { PIN_KEY_REFERENCES } from './codes.ts';
import type { MncLength } from './ef-imsi.ts';
import type { ServiceProviderName } from './ef-spn.ts';
import type { ImsIdentity } from './ims-identity.ts';
import { SaipError } from './saip-error.ts';
import type { OTA_KEY_USAGES } from './security-domain.ts';

/** Without `algorithmOptions`, those of the template stay if it has the same algorithm. */
export type AkaSubscription = { k: Uint8Array; algorithmOptions?: number } & (
  | { algorithm: 'milenage'; opc: Uint8Array }
  | { algorithm: 'tuak'; topc: Uint8Array; numberOfKeccak?: number }
  | { algorithm: 'usim-test-algorithm' }
);

export interface SecurityDomainKey {
  version: number; // key version number
  id: number; // key identifier
  key: Uint8Array;
}

export type OtaAlgorithm = 'aes' | '3des';

/** An OTA key (SCP80), which need not exist in the template. */
export interface OtaKey {
  version: number; // 1 to 15: number of the key set
  id: keyof typeof OTA_KEY_USAGES;
  key: Uint8Array;
  algorithm?: OtaAlgorithm; // by default the template's
}

export type AdmName = Extract<keyof typeof PIN_KEY_REFERENCES, `adm${number}`>;

export interface Subscription {
  iccid: string;
  imsi: string;
  mncLength: MncLength;
  aka: AkaSubscription;
  accessClasses?: readonly number[]; // default: the one of the IMSI's last digit
  pin1?: string; // 4 to 8 digits
  pin2?: string;
  puk1?: string; // 8 digits
  puk2?: string;
  adm?: Partial<Record<AdmName, string>>; // 4 to 8 digits, or 16 hexadecimal characters
  sdKeys?: readonly SecurityDomainKey[];
  otaKeys?: readonly OtaKey[];
  msisdn?: string;
  serviceCentre?: string;
  spn?: ServiceProviderName;
  ims?: Partial<ImsIdentity>; // missing values are derived from the IMSI
}

const CODE_SIZE = 8;

/** TS 102 221 §9.5.1: ASCII digits, padded with FF to 8 bytes. */
export function encodePin(where: string, pin: string): Uint8Array {
  if (!/^[0-9]{4,8}$/.test(pin)) throw codeError(where, '4 to 8 digits');
  const bytes = new Uint8Array(CODE_SIZE).fill(0xff);
  bytes.set(new TextEncoder().encode(pin));
  return bytes;
}

export function encodePuk(where: string, puk: string): Uint8Array {
  if (!/^[0-9]{8}$/.test(puk)) throw codeError(where, '8 digits');
  return new TextEncoder().encode(puk);
}

export function encodeAdm(where: string, adm: string): Uint8Array {
  if (/^[0-9A-Fa-f]{16}$/.test(adm)) return Uint8Array.fromHex(adm);
  if (/^[0-9]{4,8}$/.test(adm)) return encodePin(where, adm);
  throw codeError(where, '4 to 8 digits or 16 hexadecimal characters');
}

const KEY_SIZES: Readonly<Record<AlgorithmName, { key: number[]; opc: number[] }>> = {
  milenage: { key: [16], opc: [16] },
  tuak: { key: [16, 32], opc: [32] },
  'usim-test-algorithm': { key: [16], opc: [0, 16, 32] }, // opc is present but ignored
};

const DEFAULT_OPTIONS: Readonly<Record<AlgorithmName, number>> = {
  milenage: 0,
  tuak: 0,
  'usim-test-algorithm': 2, // as the GSMA test profile has it
};

export function algorithmNameOf(algorithmID: number): AlgorithmName | undefined {
  const names = Object.keys(ALGORITHM_IDS) as AlgorithmName[];
  return names.find((name) => ALGORITHM_IDS[name] === algorithmID);
}

/** What is wrong with the sizes of an algorithm's keys; undefined if they are right. */
export function keySizeProblem(
  algorithm: AlgorithmName,
  key: number,
  opc: number,
): { expected: string; got: string } | undefined {
  const sizes = KEY_SIZES[algorithm];
  const isKeyWrong = !sizes.key.includes(key);
  if (!isKeyWrong && sizes.opc.includes(opc)) return undefined;
  const [name, right, size] = isKeyWrong
    ? (['key', sizes.key, key] as const)
    : (['opc', sizes.opc, opc] as const);
  return { expected: `${name} of ${right.join(' or ')} bytes`, got: `${size}` };
}

/** What a subscription determines of an AlgoParameter. */
export interface AlgoKeys {
  algorithm: AlgorithmName;
  key: Uint8Array;
  opc: Uint8Array;
  algorithmOptions?: Uint8Array;
  numberOfKeccak?: number;
}

export function algoKeysOf(aka: AkaSubscription): AlgoKeys {
  const { algorithm, k: key, algorithmOptions: options } = aka;
  const opc = opcOf(aka);
  const problem = keySizeProblem(algorithm, key.length, opc.length);
  if (problem) throw new SaipError('bad-size', 'subscription/aka', problem.expected, problem.got);
  const keys: AlgoKeys = { algorithm, key, opc };
  if (options !== undefined) keys.algorithmOptions = Uint8Array.of(options);
  if (algorithm === 'tuak' && aka.numberOfKeccak !== undefined) {
    keys.numberOfKeccak = aka.numberOfKeccak;
  }
  return keys;
}

/** A template's parameters with a subscription's keys; for another algorithm, the keys only. */
export function algoParameterOf(
  { algorithm, ...keys }: AlgoKeys,
  template: AlgoParameter,
): AlgoParameter {
  const algorithmID = ALGORITHM_IDS[algorithm];
  if (template.algorithmID === algorithmID) return { ...template, ...keys, algorithmID };
  const algorithmOptions = Uint8Array.of(DEFAULT_OPTIONS[algorithm]);
  return { algorithmID, algorithmOptions, ...keys };
}

function opcOf(aka: AkaSubscription): Uint8Array {
  if (aka.algorithm === 'milenage') return aka.opc;
  return aka.algorithm === 'tuak' ? aka.topc : new Uint8Array(16);
}

function codeError(where: string, expected: string): SaipError {
  return new SaipError('bad-value', where, expected, 'another form');
}
