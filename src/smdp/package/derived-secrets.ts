// Codes and keys that a subscription lacks are derived from its Ki. So its profile is always the same, and its
// operator can compute them.
import { hkdfSync } from 'node:crypto';
import type { Placeholders } from '../../saip/placeholders.ts';
import type { Subscription as SaipSubscription } from '../../saip/subscription.ts';
import type { Subscription } from '../stock/subscription.ts';

/** Digits of PUK and ADM. */
const CODE_DIGITS = 8;
/** Long enough for all codes to be equally likely. */
const CODE_BYTES = 16;

/**
 * RFC 5869 with SHA-256: IKM is Ki ‖ OPc or TOPc, salt the ICCID's digits, info `simwright <name>`. A code
 * is the number of 16 such bytes modulo 10^8; a key is the bytes themselves.
 */
function derive({ iccid, secrets }: Subscription, name: string, size: number): Uint8Array {
  const material = Buffer.from(secrets.ki + (secrets.topc ?? secrets.opc ?? ''), 'hex');
  return new Uint8Array(hkdfSync('sha256', material, iccid, `simwright ${name}`, size));
}

function deriveCode(subscription: Subscription, name: string): string {
  const number = BigInt(`0x${derive(subscription, name, CODE_BYTES).toHex()}`);
  return String(number % 10n ** BigInt(CODE_DIGITS)).padStart(CODE_DIGITS, '0');
}

/**
 * Values for the placeholders of a template for which the subscription has none: `puk1`, `puk2`, `adm1` …,
 * `sd <version>/<id>`.
 */
export function deriveSecrets(
  subscription: Subscription,
  open: Placeholders,
): Pick<SaipSubscription, 'puk1' | 'puk2' | 'adm' | 'sdKeys'> {
  const { puk1, puk2, adm1 } = subscription.secrets;
  const adm = open.adm.filter((name) => name !== 'adm1' || adm1 === undefined);
  return {
    ...(open.puk1 && puk1 === undefined ? { puk1: deriveCode(subscription, 'puk1') } : {}),
    ...(open.puk2 && puk2 === undefined ? { puk2: deriveCode(subscription, 'puk2') } : {}),
    adm: Object.fromEntries(adm.map((name) => [name, deriveCode(subscription, name)])),
    sdKeys: open.sdKeys.map(({ version, id, size }) => ({
      version,
      id,
      key: derive(subscription, `sd ${version}/${id}`, size),
    })),
  };
}
