// What SIMWRIGHT_SIGNER names: it has what is to be signed signed by the process that holds the keys.
import { createHash, type X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface SignRequest {
  /** Whose key it is to be signed with. */
  certificate: X509Certificate;
  role: 'dpAuth' | 'dpPb';
  /** What is to be signed; its SHA-256 is still to be taken. */
  data: Uint8Array;
}

/** @returns r ‖ s, 64 bytes */
export async function sign({ certificate, data }: SignRequest): Promise<Uint8Array> {
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const key = createHash('sha256').update(publicKey).digest('hex');
  const socketPath = process.env['SIGNER_SOCKET'] ?? './signer.sock';
  const call = request({ socketPath, path: `/${key}`, method: 'POST', timeout: 5_000 });
  call.once('timeout', () => call.destroy(new Error('the key holder does not answer')));
  call.end(data);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const answer = await buffer(response);
  if (response.statusCode === 200) return answer;
  throw new Error(`the key holder says ${response.statusCode}: ${answer.toString()}`);
}
