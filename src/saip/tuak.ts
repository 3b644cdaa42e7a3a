// TUAK, 3GPP TS 35.231: TOPc, and f1 … f5* for one challenge, over Keccak-f[1600].
import { keccakF1600 } from './keccak.ts';
import { requireChallenge, requireSize } from './milenage.ts';
import type { AkaChallenge, AkaOutputs } from './milenage.ts';

export interface TuakKey {
  k: Uint8Array; // 16 or 32
  topc: Uint8Array; // 32
  numberOfKeccak?: number; // 1
  macLength?: 8 | 16 | 32; // 8
  resLength?: 4 | 8 | 16 | 32; // 8
  ckLength?: 16 | 32; // 16
  ikLength?: 16 | 32; // 16
}

const ALGONAME = new TextEncoder().encode('TUAK1.0'); // TS 35.231 §6.1

interface TuakInput {
  k: Uint8Array;
  top: Uint8Array;
  instance: number;
  numberOfKeccak: number;
  rand?: Uint8Array;
  amf?: Uint8Array;
  sqn?: Uint8Array;
}

/** TS 35.231 §6.2: instance 0, everything but the key zero. */
export function topcFromTop(k: Uint8Array, top: Uint8Array, numberOfKeccak = 1): Uint8Array {
  requireSize('K', k, 16, 32);
  requireSize('TOP', top, 32);
  return part(permute({ k, top, instance: keyBit(k), numberOfKeccak }), 0, 32);
}

export function tuak(key: TuakKey, challenge: AkaChallenge): AkaOutputs {
  const { k, topc: top, numberOfKeccak = 1 } = key;
  const { macLength = 8, resLength = 8, ckLength = 16, ikLength = 16 } = key;
  requireSize('K', k, 16, 32);
  requireSize('TOPc', top, 32);
  requireChallenge(challenge);
  const { rand } = challenge;
  const common = { k, top, numberOfKeccak };
  // The instance byte encodes lengths as 08 for 8, 10 for 16 and 20 for 32 bytes; a RES of 4 adds nothing.
  const f1 = permute({ ...common, ...challenge, instance: macLength | keyBit(k) });
  const f1Star = permute({ ...common, ...challenge, instance: 0x80 | macLength | keyBit(k) });
  const resBits = resLength === 4 ? 0 : resLength;
  const f2345 = permute({
    ...common,
    rand,
    instance: 0x40 | resBits | (ckLength === 32 ? 4 : 0) | (ikLength === 32 ? 2 : 0) | keyBit(k),
  });
  const f5Star = permute({ ...common, rand, instance: 0xc0 | keyBit(k) });
  return {
    macA: part(f1, 0, macLength),
    macS: part(f1Star, 0, macLength),
    res: part(f2345, 0, resLength),
    ck: part(f2345, 32, ckLength),
    ik: part(f2345, 64, ikLength),
    ak: part(f2345, 96, 6),
    akStar: part(f5Star, 96, 6),
  };
}

function keyBit(k: Uint8Array): number {
  return k.length === 32 ? 1 : 0;
}

/** TS 35.231 §6.3: every input enters the state byte-reversed, followed by padding for a 1088-bit rate. */
function permute(input: TuakInput): Uint8Array {
  const state = new Uint8Array(200);
  const put = (at: number, bytes: Uint8Array): void => state.set(bytes.toReversed(), at);
  put(0, input.top);
  state[32] = input.instance;
  put(33, ALGONAME);
  if (input.rand) put(40, input.rand);
  if (input.amf) put(56, input.amf);
  if (input.sqn) put(58, input.sqn);
  put(64, input.k);
  state[96] = 0x1f;
  state[135] = 0x80;
  let out: Uint8Array = state;
  for (let i = 0; i < input.numberOfKeccak; i++) out = keccakF1600(out);
  return out;
}

function part(state: Uint8Array, at: number, length: number): Uint8Array {
  return state.subarray(at, at + length).toReversed();
}
