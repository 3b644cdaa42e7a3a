// How receivers of callbacks are spoken to over TLS: as Node does it, and with brainpoolP256r1 on the list, without which
// TLS 1.2 comes to "no shared cipher" with a receiver whose certificate is on that curve.
import { createSecureContext } from 'node:tls';
import { tlsCurves } from '../rsp/tls-curve.ts';

/** `DEFAULT` is for OpenSSL 3.5 and newer; a Node that was built with an older one keeps to its own list. */
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
