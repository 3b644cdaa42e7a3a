// Which EIDs an EUM may certify (§4.5.2.1.0.2, SGP.29). Encoded as X.509 name constraints, but by a prefix of the
// serialNumber, which X.509 libraries do not implement: they would refuse every eUICC.
import type { Certificate } from './certificate.ts';
import {
  attributeTypes,
  findAttribute,
  isSameText,
  type NameAttribute,
} from './distinguished-name.ts';

const EIN = /^[0-9]{1,32}$/;

/** The EID of an eUICC certificate: the serialNumber of its subject (§4.5.2.1.0.1). */
export function findEid(euicc: Certificate): string | undefined {
  const serialNumber = findAttribute(euicc.subject, attributeTypes.serialNumber);
  return serialNumber !== undefined && /^[0-9]{32}$/.test(serialNumber) ? serialNumber : undefined;
}

/** Whether the EUM may have issued a certificate with this subject. */
export function isWithinEidRange(euicc: Certificate, eum: Certificate): boolean {
  const eid = findEid(euicc);
  const { permittedEins, permittedSubtrees = [] } = eum.extensions;
  if (eid === undefined) return false;
  if (permittedEins !== undefined) return permittedEins.some((ein) => beginsWith(eid, ein));
  return permittedSubtrees.some(
    (subtree) =>
      // Without a serialNumber, the subtree would permit every EID.
      findAttribute({ attributes: subtree }, attributeTypes.serialNumber) !== undefined &&
      subtree.every((attribute) => isPermitted(euicc, attribute)),
  );
}

function isPermitted(euicc: Certificate, { type, value }: NameAttribute): boolean {
  const own = findAttribute(euicc.subject, type);
  if (own === undefined) return false;
  return type === attributeTypes.serialNumber ? beginsWith(own, value) : isSameText(own, value);
}

function beginsWith(eid: string, ein: string): boolean {
  return EIN.test(ein) && eid.startsWith(ein);
}
