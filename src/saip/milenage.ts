// MILENAGE, 3GPP TS 35.206: OPc, and f1 … f5* for one challenge. Constants can be given in the form of an
// akaParameter.
import { createCipheriv } from 'node:crypto';

export interface AkaChallenge {
  rand: Uint8Array; // 16
  sqn: Uint8Array; // 6
  amf: Uint8Array; // 2
}

export interface AkaOutputs {
  macA: Uint8Array; // f1
  macS: Uint8Array; // f1*
  res: Uint8Array; // f2
  ck: Uint8Array; // f3
  ik: Uint8Array; // f4
  ak: Uint8Array; // f5
  akStar: Uint8Array; // f5*
}

export interface MilenageKey {
  k: Uint8Array; // 16
  opc: Uint8Array; // 16
  rotationConstants?: Uint8Array; // 5: r1 … r5 in bits
  xoringConstants?: Uint8Array; // 80: c1 … c5
}

export const ROTATION_CONSTANTS = Uint8Array.fromHex('4000204060'); // TS 35.206 §4.1
const XORING_CONSTANTS = new Uint8Array(80); // TS 35.206 §4.1: c1 = 0 … c5 = 8
[0, 1, 2, 4, 8].forEach((constant, i) => {
  XORING_CONSTANTS[16 * i + 15] = constant;
});

/** OPc = E_K(OP) ⊕ OP. */
export function opcFromOp(k: Uint8Array, op: Uint8Array): Uint8Array {
  requireSize('K', k, 16);
  requireSize('OP', op, 16);
  return xor(encrypt(k, op), op);
}

export function milenage(key: MilenageKey, challenge: AkaChallenge): AkaOutputs {
  const {
    k,
    opc,
    rotationConstants = ROTATION_CONSTANTS,
    xoringConstants = XORING_CONSTANTS,
  } = key;
  requireSize('K', k, 16);
  requireSize('OPc', opc, 16);
  requireSize('rotationConstants', rotationConstants, 5);
  requireSize('xoringConstants', xoringConstants, 80);
  const { rand, sqn, amf } = challenge;
  requireChallenge(challenge);

  const temp = encrypt(k, xor(rand, opc));
  const block = (i: number, input: Uint8Array, added: Uint8Array): Uint8Array => {
    const rotated = rotateLeft(input, rotationConstants[i] ?? 0);
    const mixed = xor(xor(rotated, xoringConstants.subarray(16 * i, 16 * i + 16)), added);
    return xor(encrypt(k, mixed), opc);
  };
  const in1 = Uint8Array.of(...sqn, ...amf, ...sqn, ...amf);
  const out1 = block(0, xor(in1, opc), temp);
  const zero = new Uint8Array(16);
  const masked = xor(temp, opc);
  const out2 = block(1, masked, zero);
  return {
    macA: out1.slice(0, 8),
    macS: out1.slice(8),
    res: out2.slice(8),
    ck: block(2, masked, zero),
    ik: block(3, masked, zero),
    ak: out2.slice(0, 6),
    akStar: block(4, masked, zero).slice(0, 6),
  };
}

export function requireChallenge({ rand, sqn, amf }: AkaChallenge): void {
  requireSize('RAND', rand, 16);
  requireSize('SQN', sqn, 6);
  requireSize('AMF', amf, 2);
}

export function requireSize(what: string, bytes: Uint8Array, ...sizes: number[]): void {
  if (!sizes.includes(bytes.length)) {
    throw new RangeError(`${what}: expected ${sizes.join(' or ')} bytes, got ${bytes.length}`);
  }
}

function encrypt(k: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false);
  return new Uint8Array(cipher.update(block));
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}

function rotateLeft(block: Uint8Array, bits: number): Uint8Array {
  const whole = bits >> 3;
  const rest = bits & 7;
  return block.map((_, i) => {
    const high = block[(i + whole) % 16] ?? 0;
    const low = block[(i + whole + 1) % 16] ?? 0;
    return (high << rest) | (low >> (8 - rest));
  });
}
