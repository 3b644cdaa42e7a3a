// Rows as printed with --json: the API's field names, without secrets.
import { shownCallbackUrl } from '../operator/callback-url.ts';
import { scopeOf } from '../operator/account/scope.ts';
import { renderEsimProfileEvent, withBaseUrl } from '../operator/resource.ts';
import type {
  AccountRow,
  ApiKeyRow,
  AttemptRow,
  CallbackRow,
  EsimProfileEventRow,
  SubscriptionRow,
} from '../store/schema.ts';

export function accountRecord(row: AccountRow) {
  const { sid, friendly_name, release_again, callback_method, date_created } = row;
  const callback_url = row.callback_url && shownCallbackUrl(row.callback_url);
  const euicc_callbacks = row.euicc_callbacks === 1;
  return {
    sid,
    friendly_name,
    release_again,
    callback_url,
    callback_method,
    euicc_callbacks,
    date_created,
  };
}

export function keyRecord(row: ApiKeyRow) {
  const { sid, account_sid, friendly_name, date_created, date_revoked } = row;
  const scope = scopeOf(row);
  return { sid, account_sid, friendly_name, scope, date_created, date_revoked };
}

export function subscriptionRecord(row: SubscriptionRow) {
  const { secrets: _secrets, ordered_by: _orderedBy, requests: _requests, ...shown } = row;
  return shown;
}

export function esimProfileRecord(resource: string, publicUrl: string): Record<string, unknown> {
  return JSON.parse(withBaseUrl(resource, publicUrl)) as Record<string, unknown>;
}

export function eventRecord(row: EsimProfileEventRow): unknown {
  return JSON.parse(renderEsimProfileEvent(row));
}

export function callbackRecord(row: CallbackRow) {
  const { parameters: _parameters, locked_until: _lockedUntil, ...shown } = row;
  return {
    ...shown,
    url: shownCallbackUrl(row.url),
    next_attempt_at: row.state === 'pending' ? row.next_attempt_at : null,
  };
}

export function attemptRecord(row: AttemptRow) {
  const { attempt, date_started, duration_ms, status_code, error, response } = row;
  return { attempt, date_started, duration_ms, status_code, error, response };
}
