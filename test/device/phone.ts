// A phone for the tests: an eUICC of the server's PKI and an LPA on it.
import { createEuicc, openEuicc, type Euicc } from '../../src/device/euicc.ts';
import type { EuiccState } from '../../src/device/euicc-state.ts';
import { HttpsTransport, type MessageHooks } from '../../src/device/es9plus-transport.ts';
import { Lpa, type LpaOptions } from '../../src/device/lpa.ts';
import { completeEid } from '../../src/rsp/identifiers.ts';
import type { SmallSmdp } from './small-smdp.ts';
import { EIN, type TestPki } from './test-pki.ts';

export const EID = completeEid(`${EIN}0000000000000000000001`);

export function testEuicc(pki: TestPki, eid = EID): Euicc {
  const { privateKey, der } = pki.euicc(eid);
  return createEuicc({
    eid,
    credentials: [{ privateKey, euiccCertificate: der, eumCertificate: pki.eum.der }],
    cis: [pki.ci.der],
  });
}

export function testPhone(
  smdp: SmallSmdp,
  options: Partial<LpaOptions> & { hooks?: MessageHooks; euicc?: Euicc } = {},
): Lpa {
  const { hooks = {}, euicc = testEuicc(smdp.pki), ...lpaOptions } = options;
  const transport = new HttpsTransport({ cis: smdp.tlsCis, hooks });
  return new Lpa(euicc, { transport, ...lpaOptions });
}

/** The same eUICC after a power loss, with its state serialised to JSON and back. */
export function restarted(euicc: Euicc): Euicc {
  return openEuicc(JSON.parse(JSON.stringify(euicc.state)) as EuiccState);
}
