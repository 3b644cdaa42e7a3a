import { useLocation } from 'preact-iso/router';
import { BASE } from '../location.ts';
import { BulkNewPage } from './bulk-new-page.tsx';
import { BulkPage } from './bulk-page.tsx';
import { BulksPage } from './bulks-page.tsx';
import { EuiccPage } from './euicc-page.tsx';
import { EuiccsPage } from './euiccs-page.tsx';
import { GroupsPage } from './groups-page.tsx';
import { OperationPage } from './operation-page.tsx';

/** The pages about IoT devices, which are loaded together. */
export function IotPages() {
  const { path } = useLocation();
  const [first = '', second, third] = path.slice(`${BASE}/euiccs/`.length).split('/');
  if (first === '') return <EuiccsPage />;
  if (first === 'groups') return <GroupsPage />;
  if (first === 'bulk') {
    if (second === undefined) return <BulksPage />;
    // Keyed by SID, so no state carries over from another one.
    return second === 'new' ? <BulkNewPage /> : <BulkPage key={second} sid={second} />;
  }
  if (third === undefined) return <EuiccPage key={first} sid={first} />;
  return <OperationPage key={third} euiccSid={first} sid={third} />;
}
