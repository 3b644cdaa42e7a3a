// Reads the certificate extensions that the GSMA PKI uses (§4.5.2.1, RFC 5280 §4.2, SGP.14).
import { readBits, readBoolean, readInteger, readOid } from './der-values.ts';
import { DerError } from './der-error.ts';
import { DerReader, readDer, type Tlv } from './der.ts';
import { readName, type NameAttribute } from './distinguished-name.ts';

export const extensionOids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  permittedEins: '2.23.146.1.2.2.0', // in EUM certificates since SGP.22 v3
} as const;

/** KeyUsage ::= BIT STRING (RFC 5280 §4.2.1.3) */
export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof keyUsages)[number];

export interface Extensions {
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly keyUsage?: readonly KeyUsage[];
  readonly basicConstraints?: { readonly cA: boolean; readonly pathLenConstraint?: number };
  /** OIDs in dotted form, as all below. */
  readonly certificatePolicies: readonly string[];
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectAltName: {
    readonly dNSName: readonly string[];
    /** IPv4, as text; others are ignored, since no SM-DP+ address is one. */
    readonly iPAddress: readonly string[];
    readonly registeredID: readonly string[];
  };
  /** The permitted directory names; undefined without the extension. */
  readonly permittedSubtrees?: readonly (readonly NameAttribute[])[];
  /** Permitted prefixes of EIDs. */
  readonly permittedEins?: readonly string[];
  /** URIs. */
  readonly cRLDistributionPoints: readonly string[];
  /** OIDs of critical extensions not listed above. */
  readonly unknownCritical: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Extensions ::= SEQUENCE OF { extnID, critical, extnValue } */
export function readExtensions(tlv: Tlv): Extensions {
  const unknownCritical: string[] = [];
  const extensions: Mutable<Extensions> = {
    certificatePolicies: [],
    subjectAltName: { dNSName: [], iPAddress: [], registeredID: [] },
    cRLDistributionPoints: [],
    unknownCritical,
  };
  const seen = new Set<string>();
  for (const { oid, isCritical, value } of eachExtension(tlv)) {
    // RFC 5280 §4.2: at most one of a kind.
    if (seen.has(oid)) throw new DerError(`extension ${oid} twice`, value.offset);
    seen.add(oid);
    const read = readers[oid];
    if (read !== undefined) Object.assign(extensions, read(value));
    else if (isCritical) unknownCritical.push(oid);
  }
  return extensions;
}

/** The extensions of a certificate or a CRL one by one, from their SEQUENCE OF. */
export function* eachExtension(
  tlv: Tlv,
): Generator<{ oid: string; isCritical: boolean; value: Tlv }> {
  for (const list = DerReader.inside(tlv); !list.isAtEnd;) {
    const extension = DerReader.inside(list.expect(0x30, 'Extension'));
    const oid = readOid(extension.expect(0x06, 'extnID'));
    const critical = extension.nextIf(0x01);
    const value = readDer(extension.expect(0x04, 'extnValue').contents);
    extension.finish();
    yield { oid, isCritical: critical !== undefined && readBoolean(critical), value };
  }
}

const readers: Readonly<Record<string, (value: Tlv) => Partial<Extensions>>> = {
  [extensionOids.subjectKeyIdentifier]: (value) => ({
    subjectKeyIdentifier: expectTag(value, 0x04).contents,
  }),

  [extensionOids.authorityKeyIdentifier]: (value) => {
    const keyIdentifier = DerReader.inside(expectTag(value, 0x30)).nextIf(0x80);
    return keyIdentifier === undefined ? {} : { authorityKeyIdentifier: keyIdentifier.contents };
  },

  [extensionOids.keyUsage]: (value) => {
    const bits = readBits(expectTag(value, 0x03));
    return { keyUsage: keyUsages.filter((_, bit) => bits.includes(bit)) };
  },

  [extensionOids.basicConstraints]: (value) => {
    const reader = DerReader.inside(expectTag(value, 0x30));
    const cA = reader.nextIf(0x01);
    const pathLength = reader.nextIf(0x02);
    reader.finish();
    return {
      basicConstraints: {
        cA: cA !== undefined && readBoolean(cA),
        ...(pathLength === undefined ? {} : { pathLenConstraint: readInteger(pathLength) }),
      },
    };
  },

  [extensionOids.certificatePolicies]: (value) => ({
    certificatePolicies: each(expectTag(value, 0x30), 0x30).map((policy) =>
      readOid(DerReader.inside(policy).expect(0x06, 'policyIdentifier')),
    ),
  }),

  [extensionOids.extendedKeyUsage]: (value) => ({
    extendedKeyUsage: each(expectTag(value, 0x30), 0x06).map(readOid),
  }),

  [extensionOids.subjectAltName]: (value) => {
    const dNSName: string[] = [];
    const iPAddress: string[] = [];
    const registeredID: string[] = [];
    for (const name of each(expectTag(value, 0x30))) {
      if (name.tag === 0x82) dNSName.push(Buffer.from(name.contents).toString('latin1'));
      if (name.tag === 0x87 && name.contents.length === 4) iPAddress.push(name.contents.join('.'));
      if (name.tag === 0x88) registeredID.push(readOid(name));
    }
    return { subjectAltName: { dNSName, iPAddress, registeredID } };
  },

  [extensionOids.nameConstraints]: (value) => {
    const permitted = DerReader.inside(expectTag(value, 0x30)).nextIf(0xa0);
    const permittedSubtrees: (readonly NameAttribute[])[] = [];
    for (const subtree of permitted === undefined ? [] : each(permitted, 0x30)) {
      const directoryName = DerReader.inside(subtree).nextIf(0xa4);
      if (directoryName === undefined) continue;
      const name = DerReader.inside(directoryName).expect(0x30, 'directoryName');
      permittedSubtrees.push(readName(name).attributes);
    }
    return { permittedSubtrees };
  },

  [extensionOids.permittedEins]: (value) => ({
    permittedEins: each(expectTag(value, 0x30), 0x13).map((ein) =>
      Buffer.from(ein.contents).toString('latin1'),
    ),
  }),

  [extensionOids.cRLDistributionPoints]: (value) => {
    const cRLDistributionPoints: string[] = [];
    for (const point of each(expectTag(value, 0x30), 0x30)) {
      const pointName = DerReader.inside(point).nextIf(0xa0);
      const fullName = pointName && DerReader.inside(pointName).nextIf(0xa0);
      for (const name of fullName === undefined ? [] : each(fullName)) {
        if (name.tag === 0x86) {
          cRLDistributionPoints.push(Buffer.from(name.contents).toString('latin1'));
        }
      }
    }
    return { cRLDistributionPoints };
  },
};

function expectTag(tlv: Tlv, tag: number): Tlv {
  if (tlv.tag !== tag) throw new DerError('an extension of another type', tlv.offset);
  return tlv;
}

/** The TLVs inside, all of which must have the tag if one is given. */
function each(tlv: Tlv, tag?: number): Tlv[] {
  const items: Tlv[] = [];
  for (const reader = DerReader.inside(tlv); !reader.isAtEnd;) {
    items.push(tag === undefined ? reader.next() : reader.expect(tag, 'the item'));
  }
  return items;
}
