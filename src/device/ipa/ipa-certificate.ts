// The certificate of an IPA that listens: made by the device, under no CA.
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { issueCertificate } from '../../rsp/certificate-issue.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { attributeTypes } from '../../rsp/distinguished-name.ts';
import { certificatePem, privateKeyPem } from '../../rsp/pem.ts';
import type { IpaCertificate } from './ipa-listener.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const DAY_MS = 24 * 60 * 60 * 1_000;
const YEARS = 10;

/** @param hosts names, and addresses of IPv4 */
export function issueIpaCertificate(hosts: readonly string[], now: Date): IpaCertificate {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const notBefore = new Date(now.getTime() - DAY_MS);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  const der = issueCertificate(
    {
      serialNumber: randomBytes(16),
      subject: [{ type: attributeTypes.CN, value: `IPA ${hosts[0]}` }],
      publicKey: createPublicKey(privateKey),
      notBefore,
      notAfter,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [SERVER_AUTH],
      dNSName: hosts.filter((host) => !isIPv4(host)),
      iPAddress: hosts.filter((host) => isIPv4(host)),
    },
    { privateKey },
  );
  return {
    certificate: certificatePem(parseCertificate(der)),
    key: privateKeyPem(privateKey),
  };
}
