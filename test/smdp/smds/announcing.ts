// A server that announces its orders at an SM-DS, which is under the server's own CI.
import { freePort } from '../../postgres.ts';
import { eventually, startTestServer } from '../../server.ts';
import type { TestServer, TestSettings } from '../../server.ts';
import type { Smds } from '../../smds/smds.ts';
import { startSmds } from '../../smds/smds.ts';
import { ciOf } from '../../smds/smds-certificates.ts';

export interface Announcing extends AsyncDisposable {
  server: TestServer;
  smds: Smds;
  /** Waits until all that the SM-DS is to have is there, and nothing else. */
  settled(): Promise<void>;
  /** Waits until a call about an order has failed, and lets the server try it again at once. */
  retry(order: { iccid: string }): Promise<void>;
  /** EID and EventID of what is at the SM-DS, in its order. */
  events(): [eid: string, eventId: string][];
  /** The ES12 calls of an order, as in its log: function and outcome. */
  logOf(sid: string): Promise<string[]>;
}

/** After every other. */
const ANY_TIME = '9999';

export async function startAnnouncing(settings: TestSettings = {}): Promise<Announcing> {
  const port = await freePort();
  const address = `localhost:${port}`;
  const server = await startTestServer({
    ...settings,
    es9: true,
    env: { SIMWRIGHT_SMDS: address, ...settings.env },
  });
  const smds = await startSmds({ ci: ciOf(server), port });
  // Of the server that is running now.
  const context = () => server.server.context;

  return {
    server,
    smds,
    async settled() {
      await eventually(async () => {
        const due = await context().store.smdsEvents.nextDue('', ANY_TIME);
        return due === undefined ? true : undefined;
      });
    },
    async retry({ iccid }) {
      const account = server.account.username;
      const failed = await eventually(async () => {
        const rows = await context().store.smdsEvents.list(account, iccid);
        const ended = rows.filter(({ locked_until, error }) => locked_until === null && error);
        return ended.length > 0 ? ended : undefined;
      });
      await context().transact(async ({ tables, now }) => {
        const date = now.toISOString();
        for (const row of failed) {
          await tables.smdsEvents.settle(row, { ...row, next_attempt_at: date });
        }
      });
      context().wake('smds');
    },
    events: () => smds.events.map(({ eid, eventId }) => [eid, eventId]),
    async logOf(sid) {
      const { json } = await server.request(`/v1/ESimProfiles/${sid}/RspLog`);
      const entries = json.rsp_log as Record<string, string>[];
      return entries
        .filter((entry) => entry['function']!.endsWith('Event'))
        .map((entry) =>
          [entry['function'], entry['status'], entry['subject_code'], entry['reason_code']]
            .filter(Boolean)
            .join(' '),
        )
        .toReversed();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await smds[Symbol.asyncDispose]();
    },
  };
}
