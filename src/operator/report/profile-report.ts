// The history of an eSIM Profile as one file, to send to the maker of a device or of an eUICC. No secrets: see
// docs/exports.md.
import type { CallbackAttemptRow, CallbackRow, EsimProfileRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { apiDate } from '../../values/date.ts';
import { renderEsimProfile, renderEsimProfileEvent, withBaseUrl } from '../resource.ts';
import { codeHider } from './hide-codes.ts';

const REPORT_VERSION = 1;
/** The newest entries. */
const LIMIT = 1_000;

/** A message as bytes, and a call that exchanged some. */
interface Message {
  name: string;
  der: Uint8Array;
}
interface Call {
  entry: Record<string, unknown>;
  messages: { request: Message[]; response: Message[] };
}

/** What the SM-DP+ knows of the profile. */
export interface DevicePart {
  calls: Call[];
  hasOlderCalls: boolean;
  certificates: object;
  /** Matching IDs that devices have sent. */
  matchingIds: string[];
}

export interface ReportOptions {
  /** Whether activation codes are shown. */
  activationCodes: boolean;
  publicUrl: string;
  now: Date;
  /** The server, as it describes itself. */
  server: { version: string; smdp_plus_address: string };
}

/** The report as a value for JSON. */
export async function profileReport(
  profile: EsimProfileRow,
  device: DevicePart,
  { activationCodes, publicUrl, now, server }: ReportOptions,
  store: Store,
): Promise<object> {
  const { account_sid: accountSid, sid } = profile;
  const filter = { account_sid: accountSid, esim_profile_sid: sid };
  const events = await store.esimProfileEventPages(filter, { kind: 'first' }, LIMIT);
  const sent = await store.callbackPages(
    { account_sid: accountSid, resource_sid: sid },
    { kind: 'first' },
    LIMIT,
  );
  const attempts = Map.groupBy(
    await store.callbacks.attempts(accountSid, ...sent.rows.map((row) => row.sid)),
    (attempt) => attempt.callback_sid,
  );
  const codes = [profile.matching_id ?? '', ...device.matchingIds];
  const hider = codeHider(activationCodes ? [] : codes);
  return hider.json({
    report: {
      version: REPORT_VERSION,
      date_created: apiDate(now),
      server,
      activation_codes: activationCodes ? 'shown' : 'hidden',
      incomplete: [
        ...(events.more ? ['events'] : []),
        ...(sent.more ? ['callbacks'] : []),
        ...(device.hasOlderCalls ? ['calls'] : []),
      ],
    },
    esim_profile: JSON.parse(withBaseUrl(withoutOwnerFields(profile), publicUrl)) as object,
    events: events.rows
      .toReversed()
      .map((row) => JSON.parse(renderEsimProfileEvent(row)) as object),
    callbacks: sent.rows
      .toReversed()
      .map((row) => reportedCallback(row, attempts.get(row.sid) ?? [])),
    calls: device.calls.map((call) => reportedCall(call, hider.bytes)),
    certificates: device.certificates,
  }) as object;
}

/** The names and values that an owner has given it are nobody else's business. */
const withoutOwnerFields = (profile: EsimProfileRow) =>
  renderEsimProfile({ ...profile, friendly_name: null, metadata: null });

/** Its outcome. Of the URL only the origin, and nothing of what was sent and received: any of it may be a secret. */
function reportedCallback(row: CallbackRow, attempts: readonly CallbackAttemptRow[]): object {
  const parameters = new Map(JSON.parse(row.parameters) as [name: string, value: string][]);
  return {
    sid: row.sid,
    receiver: row.receiver,
    status: parameters.get('Status') ?? null,
    state: row.state,
    attempts: attempts.map((attempt) => ({
      attempt: attempt.attempt,
      date_started: apiDate(new Date(attempt.date_started)),
      duration_ms: attempt.duration_ms,
      status_code: attempt.status_code,
      error: attempt.error,
    })),
    date_created: apiDate(new Date(row.date_created)),
  };
}

function reportedCall({ entry, messages }: Call, hide: (bytes: Uint8Array) => Uint8Array): object {
  const reported = ({ name, der }: Message) => {
    const shown = hide(der);
    return { name, der: Buffer.from(shown).toString('hex').toUpperCase(), altered: shown !== der };
  };
  return {
    ...entry,
    messages: {
      request: messages.request.map(reported),
      response: messages.response.map(reported),
    },
  };
}
