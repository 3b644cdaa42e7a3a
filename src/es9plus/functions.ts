// The functions of ES9+ (§5.6), whichever binding they are called in: what is checked of a decoded request before the
// function runs, and how it is logged.
import type { Context } from '../context.ts';
import type { AuthenticateServerResponse } from '../rsp/definitions/authenticate-server.ts';
import type { CancelSessionResponse } from '../rsp/definitions/cancel-session.ts';
import type { EUICCInfo1 } from '../rsp/definitions/euicc-info.ts';
import type { PendingNotification } from '../rsp/definitions/notification.ts';
import type { PrepareDownloadResponse } from '../rsp/definitions/prepare-download.ts';
import type { Encoded } from '../rsp/encoded.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { authenticateClient } from '../smdp/download/authenticateClient.ts';
import type { Call, Outcome } from '../smdp/download/call.ts';
import { cancelSession } from '../smdp/download/cancelSession.ts';
import { getBoundProfilePackage } from '../smdp/download/getBoundProfilePackage.ts';
import { handleNotification } from '../smdp/download/handleNotification.ts';
import { initiateAuthentication } from '../smdp/download/initiateAuthentication.ts';
import { loggedMessage, loggedPrepareDownloadResponse } from '../smdp/download/logged-message.ts';
import type { Logged } from '../smdp/download/logged-message.ts';

export type FunctionName =
  | 'initiateAuthentication'
  | 'authenticateClient'
  | 'getBoundProfilePackage'
  | 'handleNotification'
  | 'cancelSession';

/** A decoded call. */
export interface DecodedCall<Answer> {
  /** For the log. */
  logged: Logged;
  run: (call: Call, context: Context) => Promise<Outcome<Answer>>;
}

/** A message of the eUICC in a session, which its TransactionID names in hex. */
interface InSession<Message> {
  transactionId: string;
  message: Encoded<Message>;
}

/** Each throws 1.6 / 2.1. */
export const functions = {
  initiateAuthentication(received: {
    euiccChallenge: Uint8Array;
    euiccInfo1: Encoded<EUICCInfo1>;
    smdpAddress: string;
  }) {
    const { euiccChallenge, euiccInfo1, smdpAddress } = received;
    if (euiccChallenge.length !== 16) {
      throw new FunctionExecutionError(
        '1.6',
        '2.1',
        'euiccChallenge must have 16 octets',
        'euiccChallenge',
      );
    }
    checkSize(euiccInfo1);
    const request = { euiccChallenge, euiccInfo1: euiccInfo1.value, smdpAddress };
    return decoded(loggedMessage('EUICCInfo1', euiccInfo1.der), request, initiateAuthentication);
  },

  authenticateClient({ transactionId, message }: InSession<AuthenticateServerResponse>) {
    const { value, der } = message;
    const request = { transactionId, authenticateServerResponse: value, der };
    return decoded(loggedMessage('AuthenticateServerResponse', der), request, authenticateClient);
  },

  getBoundProfilePackage({ transactionId, message }: InSession<PrepareDownloadResponse>) {
    const { value, der } = message;
    const request = { transactionId, prepareDownloadResponse: value, der };
    const logged = loggedPrepareDownloadResponse('PrepareDownloadResponse', der, value);
    return decoded(logged, request, getBoundProfilePackage);
  },

  handleNotification({ value, der }: Encoded<PendingNotification>) {
    const request = { pendingNotification: value };
    return decoded(loggedMessage('PendingNotification', der), request, handleNotification);
  },

  cancelSession({ transactionId, message }: InSession<CancelSessionResponse>) {
    const { value, der } = message;
    const request = { transactionId, cancelSessionResponse: value };
    return decoded(loggedMessage('CancelSessionResponse', der), request, cancelSession);
  },
};

function decoded<Request, Answer>(
  logged: Logged,
  request: Request,
  run: (request: Request, call: Call, context: Context) => Promise<Outcome<Answer>>,
): DecodedCall<Answer> {
  return { logged, run: (call, context) => run(request, call, context) };
}

/** The same call, with its answer in another form. */
export function answering<Answer, Form>(
  { logged, run }: DecodedCall<Answer>,
  encode: (answer: Answer) => Form,
): DecodedCall<Form> {
  return {
    logged,
    async run(call, context) {
      const outcome = await run(call, context);
      return 'error' in outcome ? outcome : { ...outcome, answer: encode(outcome.answer) };
    },
  };
}

const CI_LIMIT = 32;
const EUICC_INFO1_LIMIT = 2048;

/** A real eUICC names a handful of CIs, not hundreds. → 1.6 / 2.1 */
function checkSize({ value, der }: Encoded<EUICCInfo1>): void {
  const { euiccCiPKIdListForVerification, euiccCiPKIdListForSigning } = value;
  const count = Math.max(euiccCiPKIdListForVerification.length, euiccCiPKIdListForSigning.length);
  if (count <= CI_LIMIT && der.length <= EUICC_INFO1_LIMIT) return;
  const limits = `${CI_LIMIT} CIs a list and ${EUICC_INFO1_LIMIT} octets`;
  throw new FunctionExecutionError(
    '1.6',
    '2.1',
    `euiccInfo1 is too long: at most ${limits}`,
    'euiccInfo1',
  );
}
