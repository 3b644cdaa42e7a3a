// ES10c.SetNickname, §5.7.21.
import { integer, utf8String } from '../rsp/asn1-primitives.ts';
import { sequence } from '../rsp/asn1-structures.ts';
import { Iccid } from '../rsp/definitions/basic-types.ts';
import type { Euicc } from './euicc.ts';
import { findProfileBy } from './installed-profiles.ts';

/** SetNicknameRequest and SetNicknameResponse ::= [41] SEQUENCE */
export const SetNicknameRequest = sequence(0xbf29, {
  iccid: Iccid,
  profileNickname: utf8String(0x90, 64),
});
export const SetNicknameResponse = sequence(0xbf29, { setNicknameResult: integer(0x80) });

const OK = 0;
const ICCID_NOT_FOUND = 1;

export function setNickname(euicc: Euicc, der: Uint8Array): Uint8Array {
  const { iccid, profileNickname } = SetNicknameRequest.decode(der);
  const profile = findProfileBy(euicc, { iccid });
  if (profile !== undefined) profile.nickname = profileNickname;
  return SetNicknameResponse.encode({
    setNicknameResult: profile === undefined ? ICCID_NOT_FOUND : OK,
  });
}
