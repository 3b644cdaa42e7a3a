// A phone for the tests of the server: an eUICC issued under the server's own test PKI, and an LPA on it.
import { randomInt } from 'node:crypto';
import type { Euicc, EuiccOptions } from '../../src/device/euicc.ts';
import { createEuicc } from '../../src/device/euicc.ts';
import type { Es9PlusBinding, MessageHooks } from '../../src/device/es9plus-transport.ts';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import type { LpaOptions } from '../../src/device/lpa.ts';
import { Lpa } from '../../src/device/lpa.ts';
import { issueEuicc } from '../../src/smdp/pki/issue-euicc.ts';
import type { CurveName } from '../../src/rsp/curve.ts';
import { completeEid } from '../../src/rsp/identifiers.ts';
import type { TestServer } from '../server.ts';

/** An EID within the range of the test EUM. */
export function newEid(): string {
  return completeEid(`89049032${String(randomInt(10 ** 12)).padStart(22, '0')}`);
}

interface NewTestEuicc {
  eid?: string;
  curve?: CurveName;
  options?: EuiccOptions;
}

export function newEuicc(
  { server }: TestServer,
  { eid = newEid(), curve = 'prime256v1', options = {} }: NewTestEuicc = {},
): Euicc {
  const { config, pki } = server.context;
  return createEuicc(
    {
      eid,
      credentials: [issueEuicc(eid, curve, pki, new Date())],
      cis: pki.cis.filter((ci) => ci.curve === curve).map(({ der }) => der),
      defaultDpAddress: config.smdpAddress,
    },
    options,
  );
}

export function newPhone(
  server: TestServer,
  options: Partial<LpaOptions> & {
    hooks?: MessageHooks;
    euicc?: Euicc;
    binding?: Es9PlusBinding;
  } = {},
): Lpa {
  const { hooks = {}, euicc = newEuicc(server), binding = 'json', ...lpaOptions } = options;
  const cis = server.server.context.pki.cis.map(({ der }) => der);
  return new Lpa(euicc, { transport: new HttpsTransport({ cis, hooks, binding }), ...lpaOptions });
}
