// One call of a rented SM-DP+, whose answer is kept in the call.
import type { Logger } from 'pino';
import { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { Line } from './line.ts';
import type { Call, FunctionName, Request } from './task-state.ts';

/** The client of ES2+; see es2plus/client.ts. */
export interface SmdpClient {
  call(
    name: FunctionName,
    request: Request & { header: { functionCallIdentifier: string } },
  ): Promise<unknown>;
}

export interface Connection {
  client: SmdpClient;
  line: Line;
  log: Logger;
}

/** A call whose turn comes later than this is not made. */
const TURN_MS = 20_000;

const BUSY = 'it is busy';

/** §5.2.6.2: it has not decided anything, and the same call may succeed later. */
const isBusy = (thrown: unknown) =>
  thrown instanceof FunctionExecutionError && thrown.reasonCode === '4.4';

/**
 * @param wasUnsent whether no earlier attempt can have arrived
 * @param begun since when it waits, by `performance.now()`
 * @returns why there is no answer
 */
export async function callSmdp(
  call: Call,
  wasUnsent: boolean,
  begun: number,
  { client, line, log }: Connection,
): Promise<PeerUnavailable | undefined> {
  const { name, identifier, request } = call;
  const header = { functionCallIdentifier: identifier };
  try {
    const response = await line.take(() => {
      if (performance.now() > begun + TURN_MS) {
        throw new PeerUnavailable('too many calls wait for it', 'not sent');
      }
      return client.call(name, { ...request, header });
    });
    Object.assign(call, { state: 'answered', answer: response, written: false });
    line.answered();
    return undefined;
  } catch (thrown) {
    const error = isBusy(thrown) ? new PeerUnavailable(BUSY, 'sent') : thrown;
    if (error instanceof FunctionExecutionError) {
      const { subjectCode, reasonCode, message } = error;
      const answer = { subjectCode, reasonCode, message };
      Object.assign(call, { state: 'refused', answer, written: false });
      line.answered();
      return undefined;
    }
    if (!(error instanceof PeerUnavailable)) {
      log.error({ err: error, function: name }, 'a call of the SM-DP+ failed here');
      return new PeerUnavailable('the call failed here', 'sent');
    }
    line.failed(error);
    if (wasUnsent && error.arrival === 'not sent') {
      Object.assign(call, { state: 'unsent', written: false });
    }
    return error;
  }
}
