// Entry point of the module's own process. What the module does to it, be it a call that never returns or a crash, it does not
// do to the server, which ends it and starts another (docs/decisions/0062-hsm.md).
import { HsmError } from './errors.ts';
import { Library } from './library.ts';
import type { Answers, Failure, FromModule, Opening, Request, ToModule } from './messages.ts';
import { Token } from './token.ts';

// The server says when to end. Ctrl-C goes to all processes of a terminal, and systemd's signal to all of a service.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// Not `exit`, which would wait for calls of the module.
const endNow = () => process.kill(process.pid, 'SIGKILL');
process.on('disconnect', endNow);

const send = (message: FromModule) => process.send!(message, undefined, undefined, () => {});
let token: Token | undefined;

process.on('message', (message: ToModule) => {
  if (message.kind === 'open') void open(message);
  else if (message.kind === 'do') void answer(message.id, message.request);
  else void end();
});
send({ kind: 'started' });

async function open(opening: Opening): Promise<void> {
  try {
    token = await Token.open(await Library.load(opening.module), opening);
    send({ kind: 'opened', info: token.info });
  } catch (error) {
    send({ kind: 'failed', failure: failureOf(error) });
  }
}

async function answer(id: number, request: Request): Promise<void> {
  try {
    send({ kind: 'done', id, value: await valueOf(token!, request) });
  } catch (error) {
    send({ kind: 'undone', id, failure: failureOf(error) });
  }
}

async function valueOf(on: Token, request: Request): Promise<Answers[keyof Answers]> {
  if (request.kind === 'sign') return on.sign(request.spki, request.digest);
  if (request.kind === 'generate') return on.generate(request.label, request.curve);
  if (request.kind === 'keys') return on.keys();
  await on.ping();
  return null;
}

/** Sessions are closed, so that a token with few of them has them again. */
async function end(): Promise<void> {
  await token?.close().catch(() => {});
  endNow();
}

function failureOf(error: unknown): Failure {
  if (error instanceof HsmError) return { problem: error.problem, message: error.message };
  return { problem: 'away', message: error instanceof Error ? error.message : String(error) };
}
