// DPauth and DPpb keys that this server never sees: an HSM signs with them, or the operator's module, wherever they are
// (docs/decisions/0021-signer-module.md, 0062-hsm.md).
import { randomBytes, X509Certificate } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { HsmError } from '../../pkcs11/errors.ts';
import { isSignature, type Signer } from '../../rsp/signature.ts';
import { PkiError, titleOf } from './pki-certificate.ts';
import type { StoredCertificate } from './pki-certificate.ts';
import type { Pki, PkiCertificate } from './pki.ts';

/** The argument of the module's function `sign`. */
export interface SignRequest {
  /** Identifies the key for the module. */
  certificate: X509Certificate;
  role: 'dpAuth' | 'dpPb';
  /** The data to be signed, not its hash. */
  data: Uint8Array;
}

/** @returns r ‖ s of the ECDSA signature over the SHA-256 of `data`, 64 bytes (§2.6.7.2) */
export type Sign = (request: SignRequest) => Uint8Array | Promise<Uint8Array>;

/** The signer failed, timed out, or used another key. */
export class SignerError extends PkiError {
  override name = 'SignerError';

  /** Whether nothing is known to be wrong except that the HSM is away. */
  get isOfAwayHsm(): boolean {
    return this.cause instanceof HsmError && this.cause.problem !== 'wrong';
  }
}

export interface ExternalSigner {
  /** Signs with the key of this certificate; `sign` throws `SignerError` rather than return a wrong signature. */
  signerOf(loaded: Pick<StoredCertificate, 'role' | 'certificate'>): Signer;
  /** Throws `SignerError` if there is no signer, or it cannot sign for one of these certificates. */
  check(loaded: readonly Pick<StoredCertificate, 'role' | 'certificate'>[]): Promise<void>;
}

/** Less than the 15 seconds of an ES9+ response. */
const LIMIT_MS = 10_000;

/** @param file undefined if there is none. Loaded when first needed. */
export function externalSigner(file: string, limitMs?: number): ExternalSigner;
export function externalSigner(file: string | undefined): ExternalSigner | undefined;
export function externalSigner(
  file: string | undefined,
  limitMs = LIMIT_MS,
): ExternalSigner | undefined {
  if (file === undefined) return undefined;
  let module: Promise<Sign> | undefined;
  const load = () => (module ??= loadSign(file, limitMs));
  return signingBy('SIMWRIGHT_SIGNER', { load, ready: load }, limitMs);
}

/** What signs: first it is loaded. */
export interface SigningSource {
  load: () => Promise<Sign>;
  /** Rejects if nothing can be signed. */
  ready: () => Promise<unknown>;
}

/** @param setting names it in messages */
export function signingBy(
  setting: string,
  { load, ready }: SigningSource,
  limitMs = LIMIT_MS,
): ExternalSigner {
  const signerOf: ExternalSigner['signerOf'] = (loaded) => {
    const { role, certificate } = loaded;
    if (!isSignedElsewhere(role)) throw new RangeError(`no signer for ${role}`);
    const wrong = (problem: string, cause?: unknown) =>
      new SignerError(`${setting}, for the ${titleOf(loaded)}: ${problem}`, { cause });
    const x509 = new X509Certificate(certificate.der);
    return {
      curve: certificate.curve,
      publicKey: certificate.publicKeyPoint,
      async sign(data) {
        const sign = await load();
        // A copy, so the module cannot change the data.
        const work = async () => sign({ certificate: x509, role, data: Uint8Array.from(data) });
        let given: Uint8Array;
        try {
          given = await inTime(work(), limitMs, (time) => `a signature within ${time}; got none`);
        } catch (cause) {
          throw wrong(messageOf(cause), cause);
        }
        const form = formProblem(given);
        if (form !== undefined) throw wrong(form);
        // A copy: the module may use its buffer again.
        const signature = Uint8Array.from(given);
        if (isSignature(certificate.publicKey, signature, data)) return signature;
        throw wrong('expected a signature that its public key verifies; got that of another key');
      },
    };
  };

  return {
    signerOf,
    async check(loaded) {
      await ready();
      // Random data that is not an RSP message.
      const probe = Buffer.concat([Buffer.from('Simwright asks: '), randomBytes(32)]);
      for (const one of loaded) await signerOf(one).sign(probe);
    },
  };
}

/** Whether an HSM or a module may hold the key of this role. TLS keys are needed by OpenSSL. */
export function isSignedElsewhere(role: StoredCertificate['role']): role is SignRequest['role'] {
  return role === 'dpAuth' || role === 'dpPb';
}

/** The certificates for which the HSM or the module must be able to sign. */
export function keptElsewhere({ certificates }: Pick<Pki, 'certificates'>): PkiCertificate[] {
  return certificates.filter(
    ({ role, privateKey, unusable }) =>
      isSignedElsewhere(role) && privateKey === undefined && unusable === undefined,
  );
}

async function loadSign(file: string, limitMs: number): Promise<Sign> {
  let module: { sign?: unknown };
  try {
    const loading = import(pathToFileURL(file).href) as Promise<{ sign?: unknown }>;
    module = await inTime(
      loading.catch((cause: unknown) => {
        throw new Error(`${file} cannot be loaded: ${messageOf(cause)}`, { cause });
      }),
      limitMs,
      (time) => `${file} to be loaded within ${time}; it was not`,
    );
  } catch (cause) {
    throw new SignerError(`SIMWRIGHT_SIGNER: ${messageOf(cause)}`, { cause });
  }
  if (typeof module.sign === 'function') return module.sign as Sign;
  throw new SignerError(
    `SIMWRIGHT_SIGNER: expected ${file} to export a function sign; ` +
      `got ${Object.keys(module).join(', ') || 'nothing'}`,
  );
}

function formProblem(signature: unknown): string | undefined {
  const isBytes = signature instanceof Uint8Array;
  if (isBytes && signature.length === 64) return undefined;
  const got = isBytes ? `${signature.length} bytes` : typeof signature;
  const hint = isBytes && signature[0] === 0x30 ? ', which look like DER' : '';
  return `expected r and s in 64 bytes; got ${got}${hint}`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** @param expected says what was expected in that time, and what was received */
async function inTime<T>(
  work: Promise<T>,
  limitMs: number,
  expected: (time: string) => string,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`expected ${expected(`${limitMs / 1_000} s`)}`)),
    limitMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
