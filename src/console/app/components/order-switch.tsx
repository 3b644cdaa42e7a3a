import { BASE } from '../location.ts';

/** Leads from the order of one profile to that of many, and back. */
export function OrderSwitch({ many }: { many: boolean }) {
  return (
    <nav class="chips" aria-label="One or many">
      <Choice path="/order" title="One profile" isHere={!many} />
      <Choice path="/order/many" title="Many at once" isHere={many} />
    </nav>
  );
}

function Choice({ path, title, isHere }: { path: string; title: string; isHere: boolean }) {
  return (
    <a class="chip chip-plain" href={BASE + path} aria-current={isHere ? 'page' : undefined}>
      {title}
    </a>
  );
}
