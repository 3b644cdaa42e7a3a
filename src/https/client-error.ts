// The response to what is not HTTP, or did not arrive in time.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { endWith } from '../process/listener-upgrade.ts';

const REASONS: Readonly<Record<string, { statusCode: number; message: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { statusCode: 408, message: 'Client Timeout' },
  HPE_HEADER_OVERFLOW: { statusCode: 431, message: 'Exceeded maximum allowed HTTP header size' },
};
const OTHER = { statusCode: 400, message: 'Client Error' };

/** As a listener for `clientError`: the last response of the connection, after those that are pending. */
export function answerClientError({ code = '' }: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { statusCode, message } = REASONS[code] ?? OTHER;
  const error = STATUS_CODES[statusCode];
  const body = JSON.stringify({ error, message, statusCode });
  const head =
    `HTTP/1.1 ${statusCode} ${error}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n`;
  void endWith(socket, head + body);
}
