// What floats at the bottom of every page: the job that is being done, and on the list, the selection.
import { useEffect } from 'preact/hooks';
import { useStore } from '../store.ts';
import { job, restoreJob } from './job.ts';
import { JobBar } from './job-bar.tsx';
import { SelectionBar } from './selection-bar.tsx';
import './bulk.css';

/** @param onList whether the page is the list of eSIM Profiles */
export function Dock({ onList }: { onList: boolean }) {
  const now = useStore(job);
  useEffect(restoreJob, []);
  return (
    <div class="dock">
      {now !== undefined && <JobBar job={now} />}
      {onList && <SelectionBar />}
    </div>
  );
}
