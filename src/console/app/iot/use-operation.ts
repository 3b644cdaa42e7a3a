import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { useLoad } from '../use-load.ts';
import { useRecords } from '../use-records.ts';
import { useEuiccChanges } from './euicc-events.ts';
import { euiccPath, operationPath } from './paths.ts';
import type { Euicc, EuiccOperation, EuiccPackage } from './types.ts';

/** An operation with its packages, as its device polls. */
export function useOperation(euiccSid: string, sid: string) {
  const path = operationPath(euiccSid, sid);
  const operation = useLoad(path, (signal) => api.get<EuiccOperation>(path, {}, signal));
  const { value } = operation;
  const there = value === undefined ? undefined : `${path}/Packages`;
  const packages = useRecords<EuiccPackage>(there, 'packages');
  const of = euiccPath(euiccSid);
  const euicc = useLoad(value && of, (signal) => api.get<Euicc>(of, {}, signal));
  function reload(): void {
    operation.reload();
    packages.reload();
  }
  useEuiccChanges(({ event }) => event.operation_sid === sid, reload);
  const before = useRef(value?.status);
  useEffect(() => {
    if (before.current !== undefined && before.current !== value?.status) {
      announce(`The operation is ${value?.status}`);
      packages.reload();
    }
    before.current = value?.status;
  }, [value?.status]);
  return { operation, packages, euicc: euicc.value, reload };
}
