// The module for SIMWRIGHT_SIGNER: it asks the process that holds the keys to sign.
import { createHash, type X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface SignRequest {
  /** The certificate with whose key to sign. */
  certificate: X509Certificate;
  role: 'dpAuth' | 'dpPb';
  /** The data to sign, not its hash. */
  data: Uint8Array;
}

/** @returns r ‖ s, 64 bytes */
export async function sign({ certificate, data }: SignRequest): Promise<Uint8Array> {
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const key = createHash('sha256').update(publicKey).digest('hex');
  const socketPath = process.env['SIGNER_SOCKET'] ?? './signer.sock';
  const call = request({ socketPath, path: `/${key}`, method: 'POST', timeout: 5_000 });
  call.once('timeout', () => call.destroy(new Error('the key holder does not respond')));
  call.end(data);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const answer = await buffer(response);
  if (response.statusCode === 200) return answer;
  throw new Error(`the key holder responded ${response.statusCode}: ${answer.toString()}`);
}
