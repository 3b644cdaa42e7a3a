// TLS options for requests to other servers: Node's defaults plus brainpoolP256r1, without which TLS 1.2 fails with "no shared
// cipher" if the server's certificate is on that curve.
import { createSecureContext } from 'node:tls';
import { tlsCurves } from '../rsp/tls-curve.ts';

/** `DEFAULT` needs OpenSSL 3.5; a Node built with an older one keeps its own list. */
const WISHED = ['DEFAULT', ...tlsCurves.brainpoolP256r1.groupNames].join(':');

export const tlsOptions: { ecdhCurve?: string } = isKnown(WISHED) ? { ecdhCurve: WISHED } : {};

function isKnown(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve });
    return true;
  } catch {
    return false;
  }
}
