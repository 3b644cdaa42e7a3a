// EF.IMPI, EF.IMPU, EF.DOMAIN and EF.P-CSCF (TS 31.103 §4.2.2 to §4.2.4, §4.2.8), and the identities that TS 23.003
// §13 derives from an IMSI.
import { encodeTlv } from '../rsp/der.ts';
import { compose } from './composed.ts';
import type { MncLength } from './ef-imsi.ts';
import { requireImsi } from './ef-imsi.ts';
import { SaipError } from './saip-error.ts';
import { readTlvs } from './tlv.ts';

export interface ImsIdentity {
  impi: string;
  impu: string[];
  domain: string;
}

const VALUE = 0x80; // TS 31.103: NAI, URI and P-CSCF data objects all have this tag

/** TS 23.003 §13.2 to §13.4B. */
export function imsIdentityOf(imsi: string, mncLength: MncLength): ImsIdentity {
  requireImsi(imsi);
  const mcc = imsi.slice(0, 3);
  const mnc = imsi.slice(3, 3 + mncLength).padStart(3, '0');
  const domain = `ims.mnc${mnc}.mcc${mcc}.3gppnetwork.org`;
  const impi = `${imsi}@${domain}`;
  return { impi, impu: [`sip:${impi}`], domain };
}

/** A name or URI as a data object, padded with FF to `size` bytes. */
export function encodeImsValue(where: string, text: string, size: number): Uint8Array {
  return padImsObject(where, imsObject(text), size);
}

/** A data object, padded with FF to `size` bytes. */
export function padImsObject(where: string, object: Uint8Array, size: number): Uint8Array {
  if (object.length > size) {
    throw new SaipError('bad-size', where, `a value that fits ${size} bytes`, `${object.length}`);
  }
  return compose(object, new Uint8Array(size - object.length).fill(0xff));
}

/** A name or URI as a data object. */
export function imsObject(text: string): Uint8Array {
  return encodeTlv(VALUE, new TextEncoder().encode(text));
}

export function decodeImsValue(where: string, bytes: Uint8Array): string {
  if (bytes.every((byte) => byte === 0xff)) return '';
  const end = bytes.findLastIndex((byte) => byte !== 0xff) + 1;
  const [object] = readTlvs(bytes.subarray(0, end), where);
  if (object?.tag !== VALUE) {
    throw new SaipError(
      'unexpected-element',
      where,
      'a data object 80',
      bytes.subarray(0, 1).toHex(),
    );
  }
  return new TextDecoder().decode(object.contents);
}

const P_CSCF_FQDN = 0x00; // TS 31.103 §4.2.8
const P_CSCF_IPV4 = 0x01;

export function encodePcscf(address: string, size: number): Uint8Array {
  const parts = /^\d+\.\d+\.\d+\.\d+$/.test(address) ? address.split('.').map(Number) : undefined;
  if (parts?.some((part) => part > 255)) {
    throw new SaipError('bad-value', 'ef-pcscf', 'an IPv4 address or a name', address);
  }
  const content = parts
    ? Uint8Array.of(P_CSCF_IPV4, ...parts)
    : Uint8Array.of(P_CSCF_FQDN, ...new TextEncoder().encode(address));
  return padImsObject('ef-pcscf', encodeTlv(VALUE, content), size);
}
