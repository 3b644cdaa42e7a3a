// Only the cryptography of one download, by node:crypto: the lower limit for any server that uses it.
import {
  createCipheriv,
  createECDH,
  createPublicKey,
  generateKeyPairSync,
  hash,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import type { Sample } from './lists.ts';

const CURVE = 'prime256v1';
/** serverSigned1, smdpSigned2, InitialiseSecureChannel. */
const SIGNATURES = 3;
/** The eUICC's certificate, euiccSigned1, euiccSigned2, the installation result; the EUM's is verified only once. */
const VERIFICATIONS = 4;
const SIGNED_SIZE = 400;
const PROFILE_SIZE = 30 * 1024;

/** Made once: what the server already has when the device calls. */
export class CryptoFloor {
  readonly #pair = generateKeyPairSync('ec', { namedCurve: CURVE });
  readonly #spki = this.#pair.publicKey.export({ format: 'der', type: 'spki' });
  readonly #key = { key: this.#pair.privateKey, dsaEncoding: 'ieee-p1363' as const };
  readonly #signed = randomBytes(SIGNED_SIZE);
  readonly #signature = sign('sha256', this.#signed, this.#key);
  readonly #euiccOtpk = createECDH(CURVE).generateKeys();
  readonly #profile = randomBytes(PROFILE_SIZE);

  measure(count: number): Sample {
    const before = process.cpuUsage();
    const started = performance.now();
    for (let index = 0; index < count; index++) this.#download();
    const elapsed = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    return { rate: (count / elapsed) * 1000, cpu: (user + system) / count };
  }

  #download(): void {
    const challenges = randomBytes(32);
    for (let n = 0; n < SIGNATURES; n++) sign('sha256', this.#signed, this.#key);
    // The eUICC's key, new to the server.
    const publicKey = createPublicKey({ key: this.#spki, format: 'der', type: 'spki' });
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
    for (let n = 0; n < VERIFICATIONS; n++) verify('sha256', this.#signed, key, this.#signature);
    const ecdh = createECDH(CURVE);
    ecdh.generateKeys();
    const secret = ecdh.computeSecret(this.#euiccOtpk);
    const keys = [1, 2].map((n) =>
      hash('sha256', Buffer.concat([secret, Uint8Array.of(n)]), 'buffer'),
    );
    // The profile encrypted and authenticated, each in one piece, which is the minimum.
    const iv = challenges.subarray(0, 16);
    const sEnc = createCipheriv('aes-128-cbc', keys[0]!.subarray(0, 16), iv);
    const sMac = createCipheriv('aes-128-cbc', keys[1]!.subarray(0, 16), iv);
    sMac.update(sEnc.update(this.#profile));
  }
}
