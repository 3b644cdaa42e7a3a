// ES10a.SetDefaultDpAddress, §5.7.4.
import { integer, utf8String } from '../rsp/asn1-primitives.ts';
import { sequence } from '../rsp/asn1-structures.ts';
import type { Euicc } from './euicc.ts';

/** SetDefaultDpAddressRequest and SetDefaultDpAddressResponse ::= [63] SEQUENCE */
export const SetDefaultDpAddressRequest = sequence(0xbf3f, { defaultDpAddress: utf8String(0x80) });
const SetDefaultDpAddressResponse = sequence(0xbf3f, { setDefaultDpAddressResult: integer(0x80) });

export function setDefaultDpAddress({ state }: Euicc, der: Uint8Array): Uint8Array {
  state.defaultDpAddress = SetDefaultDpAddressRequest.decode(der).defaultDpAddress;
  return SetDefaultDpAddressResponse.encode({ setDefaultDpAddressResult: 0 });
}
