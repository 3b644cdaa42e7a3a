/**
 * A key is stored with its answer, in the transaction of what it was for: nobody holds one meanwhile. Keys of requests
 * that have died unanswered are free.
 */
export function idempotency(): string[] {
  return [
    `delete from idempotency_keys where response_status is null or response_body is null`,
    `alter table idempotency_keys drop column request_id`,
    `alter table idempotency_keys drop column locked_until`,
  ];
}
