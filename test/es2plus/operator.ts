// An operator that calls ES2+ over mutual TLS, with raw JSON and raw responses.
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AgentOptions } from 'node:https';
import type { X509Certificate } from 'node:crypto';
import type { Context } from '../../src/context.ts';
import type { MadeCertificate } from '../../src/smdp/operators/operator-ca.ts';
import { createOperator } from '../../src/smdp/operators/operators.ts';
import type { NewOperator } from '../../src/smdp/operators/operators.ts';
import type { TestServer } from '../server.ts';

export const HEADERS = {
  'Content-Type': 'application/json',
  'X-Admin-Protocol': 'gsma/rsp/v2.5.0',
};

export interface Es2Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Undefined if there is no body. */
  json: any;
  /** `SUBJECT/REASON` of a refusal, otherwise its status. */
  result: string;
}

/** A test server, or what there is of one in other processes. */
export interface Es2Server {
  account: Pick<TestServer['account'], 'username'>;
  server: {
    es2Url: string | undefined;
    context: Pick<Context, 'masterKey' | 'transact'>;
  };
}

export interface TestOperator extends Disposable {
  sid: string;
  made: MadeCertificate;
  agent: Agent;
  /** Calls a function, with a header of its own unless the members have one. */
  call(name: string, members?: object): Promise<Es2Reply>;
}

let calls = 0;

/** @param given what differs; by default for the first account */
export async function newOperator(
  server: Es2Server,
  given: Partial<NewOperator> = {},
  certificate?: X509Certificate,
): Promise<TestOperator> {
  const { operator, made } = await createOperator(
    {
      accountSid: server.account.username,
      friendlyName: 'Test operator',
      requesterIdentifier: null,
      progressUrl: null,
      progressCa: null,
      ...given,
    },
    certificate,
    server.server.context,
  );
  const agent = agentOf({ cert: made?.certificatePem, key: made?.keyPem });
  return {
    sid: operator.sid,
    made: made!,
    agent,
    call: (name, members) => call(server, name, members, agent),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

export function agentOf(options: AgentOptions): Agent {
  return new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false, ...options });
}

export function call(
  server: Es2Server,
  name: string,
  members: object = {},
  agent: Agent,
): Promise<Es2Reply> {
  const header = {
    functionRequesterIdentifier: 'operator.example',
    functionCallIdentifier: `call ${++calls}`,
  };
  return post(server, `/gsma/rsp2/es2plus/${name}`, JSON.stringify({ header, ...members }), agent);
}

export function post(
  { server }: Es2Server,
  path: string,
  body: string | Uint8Array,
  agent: Agent,
  headers: Record<string, string> = HEADERS,
  method = 'POST',
): Promise<Es2Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Es2Reply>();
  const request = httpsRequest(new URL(path, server.es2Url), { method, agent, headers });
  request
    .on('response', (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode: status = 0 } = response;
          const json: any = text === '' ? undefined : JSON.parse(text);
          resolve({
            status,
            headers: response.headers,
            text,
            json,
            result: resultOf(json, status),
          });
        });
    })
    .on('error', reject)
    .end(body);
  return promise;
}

function resultOf(json: any, status: number): string {
  const given = json?.header?.functionExecutionStatus;
  if (given === undefined) return String(status);
  const code = given.statusCodeData;
  return code === undefined ? given.status : `${code.subjectCode}/${code.reasonCode}`;
}

export const SUCCESS = 'Executed-Success';
