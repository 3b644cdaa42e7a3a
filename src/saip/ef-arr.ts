// EF.ARR, TS 102 221 §13.4: access rules in the expanded format. These are the rules, by number, to which the file
// templates refer if a descriptor names none (profile package specification §9.9).
import { encodeTlv } from '../rsp/der.ts';
import { concat } from './asn1-type.ts';

type Condition = 'always' | 'never' | 'pin1' | 'pin2' | 'adm1';
/**
 * TS 102 221 §9.3, bits of an EF: b1 read, b2 update, b4 deactivate, b5 activate, b7 delete; for a DF, b2 and b3
 * allow creating files in it.
 */
interface AccessRule {
  access: number;
  condition: Condition;
}

const ALL_BUT_CREATE = 0x58; // deactivate, activate, delete

const CONDITIONS: Readonly<Record<Condition, Uint8Array>> = {
  always: Uint8Array.fromHex('9000'),
  never: Uint8Array.fromHex('9700'),
  pin1: userAuthentication(0x01),
  pin2: userAuthentication(0x81),
  adm1: userAuthentication(0x0a),
};

const INCREASE = 0x32; // the instruction byte, for counters

const rule = (access: number, condition: Condition): AccessRule => ({ access, condition });

const RULES: readonly { rules: AccessRule[]; increase?: Condition }[] = [
  { rules: [rule(0x01, 'always'), rule(0x02, 'pin1'), rule(ALL_BUT_CREATE, 'adm1')] },
  { rules: [rule(0x01, 'pin1'), rule(0x5a, 'adm1')] },
  { rules: [rule(0x5b, 'adm1')] },
  { rules: [rule(0x01, 'always'), rule(0x1a, 'never'), rule(0x40, 'adm1')] },
  { rules: [rule(0x03, 'pin1'), rule(ALL_BUT_CREATE, 'adm1')] },
  { rules: [rule(0x11, 'pin1'), rule(0x4a, 'adm1')] },
  { rules: [rule(0x03, 'pin1'), rule(ALL_BUT_CREATE, 'adm1')], increase: 'pin1' },
  { rules: [rule(0x01, 'pin1'), rule(0x02, 'pin2'), rule(ALL_BUT_CREATE, 'adm1')] },
  { rules: [rule(0x01, 'always'), rule(0x1a, 'pin1'), rule(0x40, 'adm1')] },
  { rules: [rule(0x01, 'always'), rule(0x5a, 'adm1')] },
  { rules: [rule(0x01, 'always'), rule(0x18, 'adm1'), rule(0x42, 'never')] },
  { rules: [rule(0x01, 'pin1'), rule(0x5a, 'never')] },
  { rules: [rule(0x13, 'pin1'), rule(0x48, 'adm1')] },
  { rules: [rule(0x5e, 'adm1')] },
];

export const ACCESS_RULES: readonly Uint8Array[] = RULES.map(({ rules, increase }) =>
  concat([
    ...rules.map(({ access, condition }) =>
      concat([encodeTlv(0x80, Uint8Array.of(access)), CONDITIONS[condition]]),
    ),
    ...(increase ? [concat([encodeTlv(0x84, Uint8Array.of(INCREASE)), CONDITIONS[increase]])] : []),
  ]),
);

/** TS 102 221 §9.5: a control reference template with the key reference, for user authentication. */
function userAuthentication(keyReference: number): Uint8Array {
  const key = encodeTlv(0x83, Uint8Array.of(keyReference));
  const usage = encodeTlv(0x95, Uint8Array.of(0x08));
  return encodeTlv(0xa4, key, usage);
}
