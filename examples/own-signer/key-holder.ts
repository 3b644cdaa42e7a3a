// Holds the private keys of DPauth and DPpb, preferably as a user of its own, and signs for anyone who can open its
// socket:
//
// KEYS=./keys SIGNER_SOCKET=./signer.sock node key-holder.ts
//
// KEYS is a folder of PEM files. An HSM or a cloud key service may replace this process.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

const { KEYS = './keys', SIGNER_SOCKET = './signer.sock' } = process.env;

/** By the SHA-256 of the public key, which is also in the certificate. */
const keys = new Map(
  globSync('*.pem', { cwd: KEYS }).map((file) => {
    const key = createPrivateKey(readFileSync(join(KEYS, file)));
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
    return [createHash('sha256').update(publicKey).digest('hex'), { key, file }];
  }),
);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = keys.get(request.url!.slice(1));
  if (found === undefined) {
    response.writeHead(404).end('no such key');
    return;
  }
  const data = await buffer(request);
  // r ‖ s, the signature format of SGP.22 §2.6.7.2.
  response.end(sign('sha256', data, { key: found.key, dsaEncoding: 'ieee-p1363' }));
  console.log(`signed ${data.length} bytes with ${found.file}`);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
});

// Only this user can open the socket; grant its group access if the server runs as another user.
process.umask(0o077);
server.listen(SIGNER_SOCKET, () => console.log(`${keys.size} keys, at ${SIGNER_SOCKET}`));
process.once('SIGTERM', () => server.close());
