// The rules that all certificates below a CI have in common: when they are valid, and until when they are not revoked.
import { encodeTlv } from '../../../src/rsp/der.ts';
import type { CrlContents, RevokedContents } from '../../../src/rsp/certificate-issue.ts';
import { invalid, valid, type Group, type Input } from '../vector-file.ts';
import { base64, ci, EARLIER, LATER, makeCrl, otherCi } from './authority.ts';
import { certificateOf, type Kind } from './common.ts';

const SECOND_MS = 1_000;
const END = new Date('2040-01-01T00:00:00Z');
const AFTER_CI = { contents: { notAfter: new Date('2080-01-01T00:00:00Z') } };

export function ofDates({ at, make }: Kind): Group {
  const until = (notAfter: Date): Input => certificateOf(make({ contents: { notAfter } }));
  const later = (time: Date, by = SECOND_MS): Input => ({
    time: new Date(time.getTime() + by).toISOString(),
  });
  const notBefore = new Date('2026-06-01T12:00:00Z');
  return {
    rule: 'Valid from the first moment to the last, and no longer than its CI',
    clause: 'RFC 5280 §4.1.2.5',
    given: until(END),
    tests: [
      valid('at the first moment', { time: EARLIER.toISOString() }),
      valid('at the last moment', { time: END.toISOString() }),
      invalid(`${at}/expired`, 'a second later', later(END)),
      valid('at its own first moment, the CI is older', {
        ...certificateOf(make({ contents: { notBefore } })),
        time: notBefore.toISOString(),
      }),
      invalid(`${at}/not-yet-valid`, 'a second earlier', {
        ...certificateOf(make({ contents: { notBefore } })),
        ...later(notBefore, -SECOND_MS),
      }),
      valid('it does not expire: 9999-12-31', until(new Date('9999-12-31T23:59:59Z'))),
      valid('at the last moment of the CI', {
        ...certificateOf(make(AFTER_CI)),
        time: LATER.toISOString(),
      }),
      invalid('ci/expired', 'a second later', {
        ...certificateOf(make(AFTER_CI)),
        ...later(LATER),
      }),
      invalid('ci/not-yet-valid', 'before the CI', {
        ...certificateOf(make({ contents: { notBefore: new Date(0) } })),
        ...later(EARLIER, -SECOND_MS),
      }),
    ],
  };
}

/** @param outdated what is refused first when a CRL of the CI should have been replaced */
export function ofRevocation({ at, make, issuer }: Kind, outdated = at): Group {
  const { certificate } = make();
  const revocationDate = new Date('2026-04-01T00:00:00Z');
  // A CI's list may name certificates of others: those of its EUMs.
  const byIssuer = {
    oid: '2.5.29.29',
    isCritical: true,
    value: encodeTlv(0x30, encodeTlv(0xa4, issuer.certificate.subject.der)),
  };
  const entry = (serialNumberHex: string): RevokedContents => ({
    serialNumberHex,
    revocationDate,
    ...(issuer === ci ? {} : { extensions: [byIssuer] }),
  });
  const own = entry(certificate.serialNumberHex);
  const ownFor = (reasonCode: number): RevokedContents => ({
    ...own,
    extensions: [
      ...(own.extensions ?? []),
      { oid: '2.5.29.21', value: encodeTlv(0x0a, Uint8Array.of(reasonCode)) },
    ],
  });
  const crl = (contents: Partial<CrlContents>, by = ci): Input => ({
    crls: [base64(makeCrl(contents, by))],
  });
  const nextUpdate = new Date('2026-06-01T12:00:00Z');
  const late = { time: '2026-06-01T12:00:01Z' };
  return {
    rule: 'On no CRL of its CI. One that is out of date still revokes; it refuses all others only when it shall',
    clause: 'SGP.22 §4.5.2.2; RFC 5280 §5.3, §6.3.3',
    given: { ...certificateOf(make()), outdatedCrls: 'accepted' },
    tests: [
      valid('a CRL without entries', crl({})),
      valid('a CRL with another serial number', crl({ revoked: [entry('0102')] })),
      invalid(`${at}/revoked`, 'a CRL with its serial number', crl({ revoked: [own] })),
      invalid(`${at}/revoked`, 'reasonCode certificateHold', crl({ revoked: [ownFor(6)] })),
      valid('reasonCode removeFromCRL: it is on the list no longer', crl({ revoked: [ownFor(8)] })),
      invalid(
        `${at}/revoked`,
        'its serial number is the last of three',
        crl({ revoked: [entry('0102'), entry('0103'), own] }),
      ),
      valid('its serial number on the CRL of a CI that has the same name and another key', {
        ...crl({ revoked: [entry(certificate.serialNumberHex)] }, otherCi),
        ciOfCrls: base64(otherCi.certificate.der),
        ...(issuer === ci ? {} : crl({ revoked: [] }, otherCi)),
      }),
      invalid(`${at}/revoked`, 'its serial number on a CRL that is out of date', {
        ...crl({ nextUpdate, revoked: [own] }),
        ...late,
      }),
      valid('at the last moment of a CRL, which must be current', {
        ...crl({ nextUpdate }),
        outdatedCrls: 'refused',
      }),
      valid('a second later, where it need not be', { ...crl({ nextUpdate }), ...late }),
      invalid(`${outdated}/crl-not-current`, 'a second later, where it must be', {
        ...crl({ nextUpdate }),
        ...late,
        outdatedCrls: 'refused',
      }),
    ],
  };
}
