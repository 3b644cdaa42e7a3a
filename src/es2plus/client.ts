// ES2+ as a client (§5.3), made from the contract: of an SM-DP+, or, for HandleDownloadProgressInfo, of an operator.
import { Ajv } from 'ajv';
import { functionCaller, unreadable } from '../outgoing/function-caller.ts';
import type { PeerOptions } from '../outgoing/mutual-tls.ts';
import type { FunctionName, Es2PlusRequest, Es2PlusResponse } from './functions.ts';
import { functions } from './functions.ts';

export interface Es2PlusClientOptions extends PeerOptions {
  /** functionRequesterIdentifier: who is calling. */
  requester: string;
}

/** A request whose header names only the call: the same when it is repeated (§5.2.6). */
export type Es2PlusCall<Name extends FunctionName> = Omit<Es2PlusRequest<Name>, 'header'> & {
  header: { functionCallIdentifier: string };
};

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
      const { path, direction, response } = functions[name];
      const request = { header: { functionRequesterIdentifier: requester, ...header }, ...members };
      // HandleDownloadProgressInfo has no output data (§5.3.5), and a peer may answer it with anything.
      const hasAnswer = direction === 'operator to SM-DP+';
      const answer = await caller.call(path, request, hasAnswer, signal);
      const problem = hasMembers(response) ? problemOf(name, answer) : undefined;
      if (problem !== undefined) throw unreadable(problem, { body: JSON.stringify(answer) });
      return answer as never;
    },
    close: () => caller.close(),
  };
}

const hasMembers = (response: object) => 'properties' in response;

const ajv = new Ajv();
const compiled = new Map<FunctionName, ReturnType<typeof ajv.compile>>();

/** @returns what a response lacks that it must have */
function problemOf(name: FunctionName, answer: object): string | undefined {
  const validate = compiled.get(name) ?? ajv.compile(functions[name].response);
  compiled.set(name, validate);
  if (validate(answer)) return undefined;
  return `the response ${ajv.errorsText(validate.errors, { dataVar: 'of ' + name })}`;
}
