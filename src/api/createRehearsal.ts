import { ReadableStream } from 'node:stream/web';
import { Type } from 'typebox';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { ApiError, notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { CallbackMethod, describe, ReceiverUrl } from './parameter-schemas.ts';
import { noReceiver, tooSoon } from './receiver-errors.ts';

const PATH = '/v1/Callbacks/Rehearsals';
const JSON_LINES = 'application/x-ndjson';

/** OpenAPI 3.1 cannot describe a stream, so its content is declared as JSON Schema does for a string. */
const Steps = Type.String({
  contentMediaType: JSON_LINES,
  contentSchema: ref('RehearsalStep'),
  examples: [`${JSON.stringify(EXAMPLES.RehearsalStep)}\n`],
});

/** `POST /v1/Callbacks/Rehearsals`: ours. */
export const createRehearsal = operation({
  operationId: 'CreateRehearsal',
  method: 'POST',
  path: PATH,
  begins: true,
  tag: 'Callbacks',
  need: 'orders',
  summary: 'Live the life of a test profile',
  description:
    'Ours: orders a test profile, which a virtual phone downloads, installs, enables, disables and deletes, with all ' +
    'callbacks. Nothing is pretended, and no stock is touched: the subscription is made for it, of the profile type ' +
    '`rehearsal`. Only with the test CI. The response is streamed, one step per line, and the last step is `finished` or ' +
    '`failed`. One at a time, every 30 seconds.',
  streams: 'events',
  body: Type.Object({
    CallbackUrl: Type.Optional(
      describe(ReceiverUrl, 'The receiver; by default, the `CallbackUrl` of the account.'),
    ),
    CallbackMethod: Type.Optional(CallbackMethod),
  }),
  answerHeaders: {
    'Cache-Control': 'Keeps caches from storing the stream.',
    'X-Accel-Buffering': 'Asks proxies not to buffer.',
  },
  responses: {
    200: {
      description: 'The steps as JSON Lines, each when it is done.',
      content: { [JSON_LINES]: Steps },
    },
  },
  errors: { 409: 'This server has no test CI.' },
  async handle({ caller, body }, { store, beginRehearsal }) {
    const account = await store.accounts.find(caller.accountSid);
    if (account === undefined) throw notFound(PATH);
    const { CallbackUrl: url, CallbackMethod: method = 'POST' } = body;
    if (url === undefined && account.callback_url === null) {
      throw noReceiver();
    }
    const callback = url === undefined ? undefined : { url, method };
    const begun = await beginRehearsal(account, callback);
    if ('refused' in begun) throw new ApiError('conflict', begun.refused);
    if ('waitSeconds' in begun) {
      throw tooSoon('A rehearsal is running, or has just ended', begun.waitSeconds);
    }
    return {
      contentType: JSON_LINES,
      pieces: (signal) => lines((tell) => begun.run(tell, signal)),
    };
  },
});

/** What `run` tells, each as a line of JSON. */
function lines(run: (tell: (step: object) => void) => Promise<void>): AsyncIterable<string> {
  return new ReadableStream<string>({
    async start(controller) {
      await run((step) => controller.enqueue(`${JSON.stringify(step)}\n`));
      controller.close();
    },
  });
}
