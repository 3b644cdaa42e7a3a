// What programs of a machine call over the network: a request of node:http as far as the product uses it.
import { EventEmitter } from 'node:events';
import type { Program } from './machine.ts';

/** A request that has left the machine. */
export interface OutboundRequest {
  method: string;
  /** With scheme and host. */
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** What somebody does who is called. */
export type Reaction =
  | { kind: 'refuse the connection'; after: number }
  | { kind: 'hang up'; after: number }
  | { kind: 'say nothing' }
  | {
      kind: 'answer';
      after: number;
      status: number;
      headers?: Record<string, string>;
      body?: string;
    };

export interface Network {
  /** Called when the request arrives. */
  react(request: OutboundRequest, caller: Program): Reaction;
}

interface RequestOptions {
  method?: string;
  host?: string;
  port?: string | null;
  path?: string;
  headers?: Record<string, string | number>;
}

/** How long a connection takes. */
const CONNECT_MS = 0.5;

/** In the place of a `ClientRequest`. */
export class SimulatedRequest extends EventEmitter {
  readonly #program: Program;
  readonly #scheme: string;
  readonly #options: RequestOptions;
  #isDestroyed = false;

  constructor(program: Program, scheme: string, options: RequestOptions) {
    super();
    this.#program = program;
    this.#scheme = scheme;
    this.#options = options;
  }

  end(body: string): void {
    const { method = 'GET', path = '/', headers = {}, host = '' } = this.#options;
    const authority = headers['Host'] ?? host;
    const request: OutboundRequest = {
      method,
      url: `${this.#scheme}://${authority}${path}`,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
      ),
      body,
    };
    const socket = new EventEmitter();
    this.#later(0, () => this.emit('socket', socket));
    this.#later(CONNECT_MS, () => {
      const reaction = this.#program.machine.network.react(request, this.#program);
      if (reaction.kind === 'refuse the connection') {
        this.#later(reaction.after, () => this.#fail('ECONNREFUSED', 'connect ECONNREFUSED'));
        return;
      }
      socket.emit('connect');
      if (reaction.kind === 'say nothing') return;
      this.#later(reaction.after, () => {
        if (reaction.kind === 'hang up') this.#fail('ECONNRESET', 'socket hang up');
        else this.#answer(reaction);
      });
    });
  }

  destroy(): this {
    this.#isDestroyed = true;
    return this;
  }

  #answer({ status, headers = {}, body = '' }: Extract<Reaction, { kind: 'answer' }>): void {
    const response = new EventEmitter();
    Object.assign(response, { statusCode: status, headers, setEncoding() {} });
    this.emit('response', response);
    if (body !== '') response.emit('data', body);
    response.emit('end');
  }

  #fail(code: string, message: string): void {
    this.emit('error', Object.assign(new Error(message), { code }));
  }

  #later(ms: number, work: () => void): void {
    this.#program.after(ms, () => {
      if (!this.#isDestroyed) work();
    });
  }
}
