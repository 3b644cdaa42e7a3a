import { BASE } from '../location.ts';

export function BatchLink({ sid }: { sid: string }) {
  return (
    <a href={`${BASE}/batches/${sid}`} title={sid}>
      <code>{`${sid.slice(0, 10)}…${sid.slice(-6)}`}</code>
    </a>
  );
}
