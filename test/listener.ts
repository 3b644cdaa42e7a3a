// A client of `GET /v1/Events`, or of `GET /v1/EuiccEvents`, as polite or as rude as a test needs.
import type { Credentials, TestServer } from './server.ts';
import { basic, eventually } from './server.ts';

export interface Message {
  id: string;
  event: string;
  data: any;
}

export interface Listener extends AsyncDisposable {
  headers: Headers;
  /** In the order of arrival. */
  messages: Message[];
  /** Everything received, unparsed. */
  text: string;
  /** Resolves when the response has ended in any way. */
  ended: Promise<void>;
  /** Waits until `count` different events have arrived. */
  until(count: number): Promise<void>;
  hangUp(): Promise<void>;
}

export interface ListenOptions {
  /** Of another node. */
  url?: string;
  /** Of the events of eSIM Profiles by default. */
  path?: '/v1/Events' | '/v1/EuiccEvents';
  query?: Record<string, string>;
  lastEventId?: string;
  as?: Credentials;
  /** Called for each piece; may be slow. */
  onPiece?: () => Promise<void> | void;
}

/** Resolves once listening. Everything received is checked against the OpenAPI document at the end. */
export async function listen(
  server: Pick<TestServer, 'url' | 'account' | 'check'>,
  options: ListenOptions = {},
): Promise<Listener> {
  const { url = server.url, query = {}, lastEventId, as = server.account, onPiece } = options;
  const { path = '/v1/Events' } = options;
  const target = `${path}?${new URLSearchParams(query).toString()}`;
  const aborted = new AbortController();
  const response = await fetch(url + target, {
    signal: aborted.signal,
    headers: {
      Authorization: basic(as),
      ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
    },
  });
  if (response.status !== 200) {
    throw new Error(`answered ${response.status}: ${await response.text()}`);
  }
  const listener: Listener = {
    headers: response.headers,
    messages: [],
    text: '',
    ended: read().catch(() => {}),
    until: (count) =>
      eventually(() => (idsOf(listener).size >= count ? true : undefined)).then(() => {}),
    async hangUp() {
      aborted.abort();
      await listener.ended;
    },
    async [Symbol.asyncDispose]() {
      await listener.hangUp();
      const { status, headers } = response;
      const { text } = listener;
      server.check('GET', path, {
        status,
        headers,
        text,
        bytes: Buffer.from(text),
        json: undefined,
      });
    },
  };
  return listener;

  async function read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of response.body!) {
      const text = decoder.decode(piece as Uint8Array, { stream: true });
      listener.text += text;
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const message = parseMessage(block);
        if (message !== undefined) listener.messages.push(message);
      }
      await onPiece?.();
    }
  }
}

/** Undefined for a comment or a retry interval. */
function parseMessage(block: string): Message | undefined {
  const lines = block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)!.slice(1));
  const { id, event, data } = Object.fromEntries(lines) as Record<string, string>;
  if (id === undefined || event === undefined || data === undefined) return undefined;
  return { id, event, data: JSON.parse(data) };
}

export function idsOf(...listeners: Listener[]): Set<string> {
  return new Set(listeners.flatMap(({ messages }) => messages.map(({ id }) => id)));
}
