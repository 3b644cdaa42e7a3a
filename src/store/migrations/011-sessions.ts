/** A session is stored once an eUICC is proven; what only one without a proven eUICC needs is stored no more. */
export function sessions(): string[] {
  return [
    `delete from rsp_sessions where step = 'initiated'`,
    ...['server_challenge', 'smdp_address', 'log'].map(
      (column) => `alter table rsp_sessions drop column ${column}`,
    ),
  ];
}
