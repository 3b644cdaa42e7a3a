/**
 * A key is now stored with its response, in the transaction of its request, so it is never held in between. Keys of
 * requests that died unanswered are released.
 */
export function idempotency(): string[] {
  return [
    `delete from idempotency_keys where response_status is null or response_body is null`,
    `alter table idempotency_keys drop column request_id`,
    `alter table idempotency_keys drop column locked_until`,
  ];
}
