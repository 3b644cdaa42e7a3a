// The permutation Keccak-f[1600], FIPS 202 §3, on a state of 200 bytes: the basis of TUAK, which no library exposes.

const ROUNDS = 24;
const MASK = (1n << 64n) - 1n;

/**
 * ι: a linear feedback shift register over x⁸ + x⁶ + x⁵ + x⁴ + 1 gives bit 2^j − 1 of each round's
 * constant.
 */
const ROUND_CONSTANTS = (() => {
  const constants: bigint[] = [];
  let register = 1;
  for (let round = 0; round < ROUNDS; round++) {
    let constant = 0n;
    for (let j = 0; j < 7; j++) {
      if (register & 1) constant |= 1n << ((1n << BigInt(j)) - 1n);
      register = register & 0x80 ? ((register << 1) & 0xff) ^ 0x71 : register << 1;
    }
    constants.push(constant);
  }
  return constants;
})();

/** ρ and π visit the 24 lanes other than (0, 0) in one cycle; the t-th is rotated by (t + 1)(t + 2) / 2. */
const WALK = (() => {
  const walk: { from: number; to: number; turn: bigint }[] = [];
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t++) {
    const from = x + 5 * y;
    [x, y] = [y, (2 * x + 3 * y) % 5];
    walk.push({ from, to: x + 5 * y, turn: BigInt((((t + 1) * (t + 2)) / 2) % 64) });
  }
  return walk;
})();

export function keccakF1600(state: Uint8Array): Uint8Array {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  let lanes = new BigUint64Array(25).map((_, i) => view.getBigUint64(8 * i, true));
  for (const constant of ROUND_CONSTANTS) lanes = permuteOnce(lanes, constant);
  const out = new Uint8Array(200);
  const outView = new DataView(out.buffer);
  lanes.forEach((lane, i) => outView.setBigUint64(8 * i, lane, true));
  return out;
}

function permuteOnce(a: BigUint64Array, constant: bigint): BigUint64Array<ArrayBuffer> {
  const parity = new BigUint64Array(5).map((_, x) =>
    [0, 1, 2, 3, 4].reduce((sum, y) => sum ^ laneAt(a, x, y), 0n),
  );
  const theta = new BigUint64Array(25).map(
    (_, i) =>
      laneAt(a, i, Math.floor(i / 5)) ^
      laneAt(parity, i + 4, 0) ^
      turn(laneAt(parity, i + 1, 0), 1n),
  );
  const b = new BigUint64Array(25);
  b[0] = theta[0] ?? 0n;
  for (const step of WALK) b[step.to] = turn(theta[step.from] ?? 0n, step.turn);
  const chi = new BigUint64Array(25).map((_, i) => {
    const y = Math.floor(i / 5);
    return laneAt(b, i, y) ^ (~laneAt(b, i + 1, y) & MASK & laneAt(b, i + 2, y));
  });
  chi[0] = (chi[0] ?? 0n) ^ constant;
  return chi;
}

function turn(lane: bigint, bits: bigint): bigint {
  return ((lane << bits) | (lane >> (64n - bits))) & MASK;
}

function laneAt(lanes: BigUint64Array, x: number, y: number): bigint {
  return lanes[(x % 5) + 5 * y] ?? 0n;
}
