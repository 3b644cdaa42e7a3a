// The extensions of a CRL (RFC 5280 §5.2) and of its entries (RFC 5280 §5.3): which part of a CI's list it covers, and reasons
// why it cannot be used.
import { eachExtension } from './certificate-extensions.ts';
import { readInteger, readIntegerBytes } from './der-values.ts';
import { DerError } from './der-error.ts';
import { DerReader, type Tlv } from './der.ts';
import { readName, type Name } from './distinguished-name.ts';

const EXTENSIONS = {
  cRLNumber: '2.5.29.20',
  deltaCRLIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  authorityKeyIdentifier: '2.5.29.35',
  freshestCRL: '2.5.29.46',
  // §4.5.2.2 of SGP.22 v2
  expirationDate: '2.23.146.1.2.0.1',
  totalPartialCrlNumber: '2.23.146.1.2.0.2',
  partialCrlNumber: '2.23.146.1.2.0.3',
} as const;
const understood = new Set<string>(Object.values(EXTENSIONS));

const ENTRY_EXTENSIONS = {
  reasonCode: '2.5.29.21',
  holdInstructionCode: '2.5.29.23',
  invalidityDate: '2.5.29.24',
  certificateIssuer: '2.5.29.29',
  expirationDate: EXTENSIONS.expirationDate,
} as const;
const understoodOfEntries = new Set<string>(Object.values(ENTRY_EXTENSIONS));

/** RFC 5280 §5.3.1: the certificate is no longer on the list. */
const REMOVE_FROM_CRL = 8;

/**
 * Which part of its CI's list a CRL covers: all of it, one of several parts (§4.5.2.2), only servers and eUICCs, or
 * only CAs (RFC 5280 §5.2.5).
 */
export type CrlScope = '' | `${number}/${number}` | 'user' | 'ca';

export interface CrlExtensions {
  readonly scope: CrlScope;
  readonly number?: bigint;
  readonly authorityKeyIdentifier?: Uint8Array;
  /** Reasons not to use the CRL, in words, such as unknown critical extensions. */
  readonly unusable: readonly string[];
}

export function readCrlExtensions(tlv: Tlv): CrlExtensions {
  const unusable: string[] = [];
  let point: IssuingDistributionPoint = {};
  let [part, total] = [1, 1];
  let number: bigint | undefined;
  let authorityKeyIdentifier: Uint8Array | undefined;
  for (const { oid, isCritical, value } of eachExtension(tlv)) {
    if (oid === EXTENSIONS.deltaCRLIndicator) {
      unusable.push(
        'it is a delta CRL, with only the changes since another; import the complete one',
      );
    } else if (oid === EXTENSIONS.issuingDistributionPoint) {
      point = readIssuingDistributionPoint(value);
    } else if (oid === EXTENSIONS.totalPartialCrlNumber) {
      total = readInteger(value);
    } else if (oid === EXTENSIONS.partialCrlNumber) {
      part = readInteger(value);
    } else if (oid === EXTENSIONS.cRLNumber) {
      number = readNumber(value);
    } else if (oid === EXTENSIONS.authorityKeyIdentifier) {
      authorityKeyIdentifier = readKeyIdentifier(value);
    } else if (isCritical && !understood.has(oid)) {
      unusable.push(`critical CRL extension ${oid} is unknown`);
    }
  }
  if (point.onlySomeReasons === true) {
    unusable.push('it covers only some reasons for revocation; import the complete one');
  }
  if (point.onlyContainsAttributeCerts === true) {
    unusable.push('it is for attribute certificates, which RSP does not use');
  }
  if (part < 1 || part > total) throw new DerError(`part ${part} of ${total}`, tlv.offset);
  const scope = total > 1 ? (`${part}/${total}` as const) : scopeOf(point);
  return {
    scope,
    ...(number === undefined ? {} : { number }),
    ...(authorityKeyIdentifier === undefined ? {} : { authorityKeyIdentifier }),
    unusable,
  };
}

/** RFC 5280 §5.2.3: of up to 20 bytes. */
const MOST_NUMBER_BYTES = 21;

function readNumber(tlv: Tlv): bigint {
  const bytes = tlv.tag === 0x02 ? readIntegerBytes(tlv) : new Uint8Array();
  if (bytes.length === 0 || bytes.length > MOST_NUMBER_BYTES || bytes[0]! >= 0x80) {
    throw new DerError('a cRLNumber that is none', tlv.offset);
  }
  return BigInt(`0x${bytes.toHex()}`);
}

function readKeyIdentifier(tlv: Tlv): Uint8Array | undefined {
  if (tlv.tag !== 0x30) throw new DerError('an extension of another type', tlv.offset);
  return DerReader.inside(tlv).nextIf(0x80)?.contents;
}

function scopeOf(point: IssuingDistributionPoint): CrlScope {
  if (point.onlyContainsUserCerts === true) return 'user';
  return point.onlyContainsCACerts === true ? 'ca' : '';
}

/** RFC 5280 §5.2.5, without the name of the point, from where the operator has already fetched the CRL. */
type IssuingDistributionPoint = Partial<Record<PointFlag, boolean>>;
type PointFlag =
  | 'onlyContainsUserCerts'
  | 'onlyContainsCACerts'
  | 'onlySomeReasons'
  | 'onlyContainsAttributeCerts';

const POINT_FLAGS: Readonly<Record<number, PointFlag>> = {
  0x81: 'onlyContainsUserCerts',
  0x82: 'onlyContainsCACerts',
  0x83: 'onlySomeReasons',
  0x85: 'onlyContainsAttributeCerts',
};

function readIssuingDistributionPoint(tlv: Tlv): IssuingDistributionPoint {
  const point: IssuingDistributionPoint = {};
  for (const reader = DerReader.inside(tlv); !reader.isAtEnd;) {
    const { tag, contents } = reader.next();
    const flag = POINT_FLAGS[tag];
    if (flag !== undefined) point[flag] = flag === 'onlySomeReasons' || contents[0] !== 0;
  }
  return point;
}

export interface CrlEntryExtensions {
  /** If absent, that of the previous entry, initially the issuer of the CRL (RFC 5280 §5.3.3). */
  readonly certificateIssuer?: Name;
  readonly isRemoved: boolean;
  readonly unknownCritical: readonly string[];
}

export function readCrlEntryExtensions(tlv: Tlv): CrlEntryExtensions {
  const unknownCritical: string[] = [];
  let certificateIssuer: Name | undefined;
  let isRemoved = false;
  for (const { oid, isCritical, value } of eachExtension(tlv)) {
    if (oid === ENTRY_EXTENSIONS.reasonCode) isRemoved = value.contents.at(-1) === REMOVE_FROM_CRL;
    else if (oid === ENTRY_EXTENSIONS.certificateIssuer) certificateIssuer = readIssuer(value);
    else if (isCritical && !understoodOfEntries.has(oid)) unknownCritical.push(oid);
  }
  return {
    ...(certificateIssuer === undefined ? {} : { certificateIssuer }),
    isRemoved,
    unknownCritical,
  };
}

/** The directory name among GeneralNames. */
function readIssuer(tlv: Tlv): Name {
  for (const names = DerReader.inside(tlv); !names.isAtEnd;) {
    const name = names.next();
    if (name.tag === 0xa4) return readName(DerReader.inside(name).expect(0x30, 'directoryName'));
  }
  throw new DerError('a certificateIssuer without a directory name', tlv.offset);
}
