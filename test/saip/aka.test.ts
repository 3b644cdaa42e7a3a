// MILENAGE and TUAK against the test sets of TS 35.207/208 and TS 35.232/233.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createHash } from 'node:crypto';
import { keccakF1600 } from '../../src/saip/keccak.ts';
import { milenage, opcFromOp, ROTATION_CONSTANTS } from '../../src/saip/milenage.ts';
import type { AkaOutputs } from '../../src/saip/milenage.ts';
import { topcFromTop, tuak } from '../../src/saip/tuak.ts';
import type { TuakKey } from '../../src/saip/tuak.ts';

type Outputs = Record<keyof AkaOutputs, string>;
interface Challenge {
  name: string;
  k: string;
  rand: string;
  sqn: string;
  amf: string;
}
interface MilenageCase extends Challenge, Outputs {
  op: string;
  opc: string;
}
interface TuakCase extends Challenge, Outputs {
  top: string;
  topc: string;
  numberOfKeccak: number;
}

interface TuakVectors {
  cases: TuakCase[];
  permutation: { name: string; input: string; output: string }[];
}

function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}
const milenageVectors = readVectors('milenage.json') as { cases: MilenageCase[] };
const tuakVectors = readVectors('tuak.json') as TuakVectors;

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const challengeOf = ({ rand, sqn, amf }: Challenge) => ({
  rand: hex(rand),
  sqn: hex(sqn),
  amf: hex(amf),
});

function assertOutputs(outputs: AkaOutputs, expected: Outputs): void {
  for (const name of Object.keys(outputs) as (keyof AkaOutputs)[]) {
    assert.equal(outputs[name].toHex(), expected[name], name);
  }
}

for (const vector of milenageVectors.cases) {
  void test(`TS 35.208 ${vector.name}: OPc and f1 … f5*`, () => {
    const opc = opcFromOp(hex(vector.k), hex(vector.op));
    assert.equal(opc.toHex(), vector.opc);
    assertOutputs(milenage({ k: hex(vector.k), opc }, challengeOf(vector)), vector);
  });
}

void test('TS 35.206 §4.1: other rotation constants give other outputs, the defaults the same', () => {
  const vector = milenageVectors.cases[0];
  assert.ok(vector);
  const key = { k: hex(vector.k), opc: hex(vector.opc) };
  const usual = milenage(key, challengeOf(vector));
  const same = milenage({ ...key, rotationConstants: ROTATION_CONSTANTS }, challengeOf(vector));
  assert.deepEqual(same, usual);
  const turned = milenage({ ...key, rotationConstants: hex('4103204060') }, challengeOf(vector));
  assert.notDeepEqual(turned.macA, usual.macA);
  assert.notDeepEqual(turned.res, usual.res);
});

void test('keys and challenges of a wrong size are refused', () => {
  const k = new Uint8Array(16);
  const challenge = { rand: k, sqn: new Uint8Array(6), amf: new Uint8Array(2) };
  assert.throws(() => opcFromOp(new Uint8Array(15), k), RangeError);
  assert.throws(() => milenage({ k, opc: new Uint8Array(17) }, challenge), RangeError);
  assert.throws(() => milenage({ k, opc: k }, { ...challenge, sqn: k }), RangeError);
  assert.throws(() => topcFromTop(new Uint8Array(24), new Uint8Array(32)), RangeError);
  assert.throws(() => tuak({ k, topc: k }, challenge), RangeError);
});

for (const vector of tuakVectors.permutation) {
  void test(`TS 35.232 ${vector.name}: the permutation`, () => {
    assert.equal(keccakF1600(hex(vector.input)).toHex(), vector.output);
  });
}

void test('FIPS 202: SHA3-256 of the empty string by this permutation equals the one of node:crypto', () => {
  const state = new Uint8Array(200);
  state[0] = 0x06;
  state[135] = 0x80;
  const digest = createHash('sha3-256').digest('hex');
  assert.equal(keccakF1600(state).subarray(0, 32).toHex(), digest);
});

for (const vector of tuakVectors.cases) {
  void test(`TS 35.233 ${vector.name}: TOPc and f1 … f5*`, () => {
    const topc = topcFromTop(hex(vector.k), hex(vector.top), vector.numberOfKeccak);
    assert.equal(topc.toHex(), vector.topc);
    const key = {
      k: hex(vector.k),
      topc,
      numberOfKeccak: vector.numberOfKeccak,
      macLength: vector.macA.length / 2,
      resLength: vector.res.length / 2,
      ckLength: vector.ck.length / 2,
      ikLength: vector.ik.length / 2,
    } as TuakKey;
    assertOutputs(tuak(key, challengeOf(vector)), vector);
  });
}
