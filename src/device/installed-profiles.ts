// The profiles on the eUICC, looked up and read.
import type { DeleteProfileRequest } from '../rsp/definitions/local-functions.ts';
import { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import type { ValueOf } from '../rsp/asn1-type.ts';
import { decodeIccid } from '../rsp/identifiers.ts';
import { fromBase64, toHex, type ProfileState } from './euicc-state.ts';
import type { Euicc } from './euicc.ts';

/** By ICCID or by AID of the ISD-P. */
export type ProfileIdentifier = ValueOf<typeof DeleteProfileRequest>;

export function profileMetadata({ metadata }: ProfileState): StoreMetadataRequest {
  return StoreMetadataRequest.decode(fromBase64(metadata));
}

export function findProfileBy(
  { state }: Euicc,
  { iccid, isdpAid }: ProfileIdentifier,
): ProfileState | undefined {
  return state.profiles.find((profile) =>
    iccid === undefined
      ? isdpAid !== undefined && profile.isdpAid === toHex(isdpAid)
      : profile.iccid === decodeIccid(iccid),
  );
}
