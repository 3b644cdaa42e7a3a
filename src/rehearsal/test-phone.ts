// A virtual phone for one rehearsal: its eUICC is of the test EUM, and trusts nothing but the test CI.
import { randomInt } from 'node:crypto';
import type { Context } from '../context.ts';
import { createEuicc } from '../device/euicc.ts';
import { HttpsTransport } from '../device/es9plus-transport.ts';
import { Lpa } from '../device/lpa.ts';
import type { LpaOptions } from '../device/lpa.ts';
import { completeEid } from '../rsp/identifiers.ts';
import { issueEuicc } from '../smdp/pki/issue-euicc.ts';

/** The prefix of the test EUM's EIDs. */
const EIN = '89049032';
const CURVE = 'prime256v1';
/** Where to connect to reach a listener on all addresses. */
const LOOPBACK: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export interface TestPhone extends Disposable {
  phone: Lpa;
}

/** Connects to the ES9+ of this machine. Throws `PkiError` if there is no test EUM. */
export function testPhone(
  { pki, config, now }: Pick<Context, 'pki' | 'config' | 'now'>,
  onStep: NonNullable<LpaOptions['onStep']>,
): TestPhone {
  const eid = completeEid(EIN + String(randomInt(10 ** 12)).padStart(22, '0'));
  const issued = issueEuicc(eid, CURVE, pki, now());
  const cis = pki.certificates
    .filter(
      ({ role, generated, certificate }) =>
        role === 'ci' && generated && certificate.curve === CURVE,
    )
    .map(({ certificate }) => certificate.der);
  const euicc = createEuicc(
    { eid, credentials: [issued], cis, defaultDpAddress: config.smdpAddress },
    { now },
  );
  const host = LOOPBACK[config.es9Host] ?? config.es9Host;
  const transport = new HttpsTransport({ cis, connectTo: { host, port: config.es9Port }, now });
  return {
    phone: new Lpa(euicc, { transport, onStep }),
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  };
}
