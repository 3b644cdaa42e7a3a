// ES2+ as a client (§5.3), made from the contract: of an SM-DP+, or, for HandleDownloadProgressInfo, of an operator.
import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import { functionCaller, unreadable } from '../outgoing/function-caller.ts';
import type { PeerOptions } from '../outgoing/mutual-tls.ts';
import type { Es2PlusCall, Es2PlusResponse, FunctionName } from './functions.ts';
import { functions } from './functions.ts';

export interface Es2PlusClientOptions extends PeerOptions {
  /** functionRequesterIdentifier: who is calling. */
  requester: string;
}

export interface Es2PlusClient {
  /**
   * @param signal ends the call
   * Throws `FunctionExecutionError` if the peer refuses; `PeerUnavailable` if it cannot be reached or does not answer
   * properly, which says whether the request can have arrived.
   */
  call<Name extends FunctionName>(
    name: Name,
    request: Es2PlusCall<Name>,
    signal?: AbortSignal,
  ): Promise<Es2PlusResponse<Name>>;
  /** Closes the connections that are kept. */
  close(): void;
}

/** Throws what OpenSSL says of certificates or a key that it cannot read. */
export function es2plusClient({ requester, ...peer }: Es2PlusClientOptions): Es2PlusClient {
  const caller = functionCaller(peer);
  return {
    async call(name, { header, ...members }, signal) {
      const { path, direction } = functions[name];
      const request = { header: { functionRequesterIdentifier: requester, ...header }, ...members };
      // HandleDownloadProgressInfo has no output data (§5.3.5), and a peer may answer it with anything.
      const hasAnswer = direction === 'operator to SM-DP+';
      const answer = await caller.call(path, request, hasAnswer, signal);
      const problem = problemOf(name, answer);
      if (problem !== undefined) throw unreadable(problem, { body: JSON.stringify(answer) });
      return answer as never;
    },
    close: () => caller.close(),
  };
}

const hasMembers = (response: object) => 'properties' in response;

const VALIDATORS = new Map(
  Object.entries(functions)
    .filter(([, { response }]) => hasMembers(response))
    .map(([name, { response }]) => [name, Compile<TSchema>(response)]),
);

/** @returns what is wrong with a response */
function problemOf(name: FunctionName, answer: object): string | undefined {
  const [error] = VALIDATORS.get(name)?.Errors(answer) ?? [];
  if (error === undefined) return undefined;
  const member = error.instancePath.slice(1).replaceAll('/', '.');
  return `the response of ${name} ${[member, error.message].filter(Boolean).join(' ')}`;
}
