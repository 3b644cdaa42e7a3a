import { BASE } from '../location.ts';
import { useTitle } from '../use-title.ts';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <div class="empty">
      <h1>Page not found</h1>
      <a class="button" href={`${BASE}/profiles`}>
        eSIM Profiles
      </a>
    </div>
  );
}
