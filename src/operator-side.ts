// A server in front of a rented SM-DP+: no ES9+, no certificates of RSP, no stock; ES2+ only for what the SM-DP+ reports.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config, RentedSmdpConfig } from './config.ts';
import { readCis } from './eim/ci-file.ts';
import { buildEs2Plus } from './es2plus/listener.ts';
import type { ServerCertificate } from './https/choose-certificate.ts';
import { operatorRole } from './operator/rented/operator-role.ts';
import { takeReport } from './operator/rented/take-report.ts';
import { FileError, fileError, looseModeWarning } from './process/private-files.ts';
import { parseCertificate } from './rsp/certificate.ts';
import { certificateBlocks } from './rsp/pem.ts';
import type { Pki } from './smdp/pki/pki.ts';
import type { Side } from './smdp-side.ts';

/** Throws `FileError` if a file is not what it should be. */
export function operatorSide(config: Config, rented: RentedSmdpConfig): Side {
  const isServed = config.es2Port !== undefined;
  const tls = isServed ? [serverCertificate(rented)] : [];
  const cas = certificatesIn(rented.caFile);
  const pki: Pki = {
    identities: [],
    cis: readCis(config.eimCiFile),
    crls: [],
    outdatedCrl: 'warn',
    crlProblems: [],
    tls,
    certificates: [],
  };
  return {
    pkiAt: () => pki,
    warn() {},
    async open(context) {
      const { log, peers } = context;
      if (peers.isStart) {
        for (const warning of warningsAbout(config, rented)) log.warn(warning);
      }
      const { url, reporters } = rented;
      const host = new URL(url).hostname.replaceAll(/[[\]]/g, '');
      const role = operatorRole(
        { host, cas, reporters },
        (info) => takeReport(info, context),
        context,
      );
      return {
        es9: undefined,
        es2: isServed ? buildEs2Plus([role], context) : undefined,
        jobs: [],
        drain: async () => {},
      };
    },
  };
}

function* warningsAbout(
  { es2Port, smds, esipaPort, eimCiFile }: Config,
  { keyFile, es2KeyFile }: RentedSmdpConfig,
) {
  for (const file of new Set([keyFile, es2KeyFile])) {
    const loose = looseModeWarning(file);
    if (loose !== undefined) yield `The private key ${loose}`;
  }
  if (smds.length > 0) {
    yield 'SIMWRIGHT_SMDS has no effect: a rented SM-DP+ registers events at the SM-DSs of its own configuration';
  }
  if (esipaPort !== undefined && eimCiFile === undefined) {
    yield 'SIMWRIGHT_EIM_CI is not set: the eIM trusts no CI, so it accepts no eUICC and reaches no SM-DP+ by its CI';
  }
  if (es2Port === undefined) {
    yield 'SIMWRIGHT_ES2_PORT is off: the rented SM-DP+ cannot report downloads, so orders stay available';
  }
}

function certificatesIn(file: string): X509Certificate[] {
  const blocks = certificateBlocks(textOf(file));
  if (blocks.length === 0) throw new FileError(`${file} has no certificate; expected PEM`);
  try {
    return blocks.map((pem) => new X509Certificate(pem));
  } catch (error) {
    throw fileError(`${file} cannot be read`, error);
  }
}

/** What the listener shows to the SM-DP+. Others than those of RSP, with keys on its curves, are not supported. */
function serverCertificate({
  es2CertificateFile,
  es2KeyFile,
}: RentedSmdpConfig): ServerCertificate {
  const [own, issuer = own] = certificatesIn(es2CertificateFile);
  try {
    const ci = parseCertificate(issuer!.raw);
    return {
      certificate: parseCertificate(own!.raw),
      ci,
      ciPKId: ci.extensions.subjectKeyIdentifier ?? new Uint8Array(),
      certificatePem: textOf(es2CertificateFile),
      keyPem: textOf(es2KeyFile),
      generated: false,
    };
  } catch (error) {
    throw fileError(`${es2CertificateFile} cannot be shown by ES2+ (expected an ECDSA key)`, error);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError(`${file} cannot be read`, error);
  }
}
