// What signs for DPauth and DPpb certificates whose keys are not in the database: an HSM, or the operator's module.
import type { Logger } from 'pino';
import { environmentOfOthers } from './config.ts';
import { HSM_PIN } from './config/signer.ts';
import type { Config, Secrets } from './config.ts';
import type { Metrics } from './metrics/metrics.ts';
import { Hsm } from './pkcs11/hsm.ts';
import type { HsmLimits, HsmObserver } from './pkcs11/hsm.ts';
import { readSecret } from './process/secret-source.ts';
import { externalSigner } from './smdp/pki/external-signer.ts';
import type { ExternalSigner } from './smdp/pki/external-signer.ts';
import { hsmSigner } from './smdp/pki/hsm-signer.ts';

export interface Signing extends AsyncDisposable {
  /** Undefined: all keys are in the database. */
  signers: ExternalSigner | undefined;
  hsm: Hsm | undefined;
  /** What the operator should know; undefined: nothing. */
  warning(): string | undefined;
}

export interface HsmUse {
  observer?: HsmObserver;
  /** Whether keys are made in it. */
  isWriting?: boolean;
  /** Whether somebody who knows about it wants the PIN to be tried after a wrong one. */
  isDeliberate?: boolean;
  limits?: Partial<HsmLimits>;
}

/** Opened when it is first asked. Undefined: the settings name none. */
export function hsmOf({ hsm }: Config, { hsmPin }: Secrets, use: HsmUse = {}): Hsm | undefined {
  if (hsm === undefined) return undefined;
  const readPin = () => readSecret(HSM_PIN, hsmPin);
  return new Hsm({ ...hsm, ...use, readPin, env: environmentOfOthers() });
}

export function signingOf(config: Config, secrets: Secrets, use?: HsmUse): Signing {
  const hsm = hsmOf(config, secrets, use);
  return {
    signers: hsm === undefined ? externalSigner(config.signer) : hsmSigner(hsm),
    hsm,
    warning: () =>
      hsm?.state.is === 'away'
        ? `Nothing can be signed: the HSM is away: ${hsm.state.problem}`
        : undefined,
    [Symbol.asyncDispose]: async () => hsm?.[Symbol.asyncDispose](),
  };
}

/** For a server: counted and logged. */
export function observedBy(metrics: Metrics, log: Logger): HsmObserver {
  let isLost = false;
  return {
    answered: (outcome, ms) => metrics.hsmSignature(outcome, ms),
    opened({ token, module, sessions }) {
      log.info(
        { token, module: module.file, sessions },
        isLost ? 'the HSM is back' : 'the HSM is open',
      );
      isLost = false;
    },
    lost(problem) {
      log.error(
        { cause: problem },
        'the HSM is away; downloads are told to try again until it is back',
      );
      isLost = true;
    },
  };
}
