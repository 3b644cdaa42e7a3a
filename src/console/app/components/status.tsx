export function StatusPill({ status }: { status: string }) {
  return <span class={`pill pill-${status}`}>{status}</span>;
}
