// The rules that all certificates below a CI have in common: who has issued them.
import type { KeyUsage } from '../../../src/rsp/certificate-extensions.ts';
import { encodeOidContents } from '../../../src/rsp/der-values.ts';
import { invalid, valid, type Group, type Input } from '../vector-file.ts';
import { base64, brainpoolCi, type Authority, type Making } from './authority.ts';
import {
  changed,
  extensionsOf,
  FIELD,
  node,
  nodeOfName,
  type DerNode,
  lastAs,
} from './der-tree.ts';

/** A kind of certificate below a CI. */
export interface Kind {
  /** What is verified, as `VerifySubject` has it. */
  readonly at: string;
  readonly clause: string;
  readonly make: (making?: Making) => Authority;
  /** What it must be able to do with its key, and what another kind does. */
  readonly usage: KeyUsage;
  readonly otherUsage: KeyUsage;
  /** Who issues, and one of the same name with another key. */
  readonly issuer: Authority;
  readonly namesake: Authority;
  readonly policies: readonly string[];
  /** Of another kind. */
  readonly otherPolicy: string;
}

export const certificateOf = ({ certificate }: Authority): Input => ({
  certificate: base64(certificate.der),
});

/** Removes the extension with this OID. */
export const withoutExtension =
  (oid: string) =>
  (tbs: DerNode): void => {
    const wanted = Buffer.from(encodeOidContents(oid));
    const extensions = extensionsOf(tbs);
    const at = extensions.findIndex(({ children }) => wanted.equals(children[0]!.contents));
    extensions.splice(at, 1);
  };

export function ofIssuer({ at, make, issuer, namesake }: Kind): Group {
  const calledBy = (change: (name: string) => string): Input => {
    const { attributes } = issuer.certificate.subject;
    const name = nodeOfName(attributes.map(({ type, value }) => ({ type, value: change(value) })));
    return certificateOf(make({ change: (tbs) => (tbs.children[FIELD.issuer] = name) }));
  };
  return {
    rule: 'The issuer is the subject of the certificate above, its key the one that AuthorityKeyIdentifier names',
    clause: 'SGP.22 §4.5.2.1; RFC 5280 §6.1.3, §7.1',
    tests: [
      valid('as it should be', certificateOf(make())),
      valid(
        'the issuer in capitals and with more spaces is the same name',
        calledBy((name) => name.toUpperCase().replaceAll(' ', '  ')),
      ),
      invalid(
        `${at}/issuer`,
        'the issuer has another name, and has signed',
        calledBy((name) => `${name}.`),
      ),
      invalid(
        `${at}/key-identifier`,
        'without AuthorityKeyIdentifier',
        certificateOf(make({ change: withoutExtension('2.5.29.35') })),
      ),
      invalid(
        `${at}/key-identifier`,
        'issued by one of the same name with another key',
        certificateOf(make({ issuer: namesake })),
      ),
    ],
  };
}

export function ofSignature({ at, make, issuer, namesake }: Kind): Group {
  const right = make().certificate;
  const signedAs = (sign: (signature: Uint8Array) => Uint8Array): Input => ({
    certificate: base64(
      changed(right.der, (signed) => {
        signed.signature = sign(Uint8Array.from(signed.signature));
      }),
    ),
  });
  const otherwiseSigned = changed(right.der, ({ tbs }) => {
    tbs.children[FIELD.serialNumber] = node(0x02, Uint8Array.of(0x55));
  });
  const failure = `${at}/signature`;
  return {
    rule: 'Signed by the issuer, ECDSA with SHA-256, over exactly these bytes',
    clause: 'SGP.22 §2.6.7.2, §4.5.1',
    tests: [
      invalid(
        failure,
        'signed by another key',
        certificateOf(make({ issuer: { ...issuer, key: namesake.key } })),
      ),
      invalid(failure, 'the serial number was changed after it was signed', {
        certificate: base64(otherwiseSigned),
      }),
      invalid(
        failure,
        'one bit of s is another',
        signedAs((signature) => lastAs(signature, (byte) => byte ^ 1)),
      ),
      invalid(
        failure,
        'r and s in 64 bytes, as RSP messages have them and certificates do not',
        signedAs(() => issuer.key.signRaw(right.tbs)),
      ),
      invalid(
        failure,
        'r and s are zero',
        signedAs(() => Uint8Array.fromHex('3006020100020100')),
      ),
      invalid(
        failure,
        'no signature',
        signedAs(() => new Uint8Array()),
      ),
    ],
  };
}

/** @param brainpool one of the kind in a chain on brainpoolP256r1 */
export function ofCurve({ at }: Kind, brainpool: Input, mixed: Input): Group {
  return {
    rule: 'The whole chain is on one curve',
    clause: 'SGP.22 §4.5.1',
    given: { ci: base64(brainpoolCi.certificate.der) },
    tests: [
      valid('all on brainpoolP256r1', brainpool),
      invalid(`${at}/curve`, 'on prime256v1 under brainpoolP256r1', mixed),
    ],
  };
}
