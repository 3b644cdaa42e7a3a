// Where eUICCs are, in the API and in the console.
import { BASE } from '../location.ts';

export const EUICCS = '/v1/Euiccs';
export const euiccPath = (sid: string) => `${EUICCS}/${encodeURIComponent(sid)}`;
export const operationsPath = (sid: string) => `${euiccPath(sid)}/Operations`;
export const operationPath = (sid: string, operation: string) =>
  `${operationsPath(sid)}/${encodeURIComponent(operation)}`;

export const euiccPage = (sid: string) => `${BASE}/euiccs/${sid}`;
export const operationPage = (sid: string, operation: string) =>
  `${euiccPage(sid)}/operations/${operation}`;

export const GROUPS = `${EUICCS}/Groups`;
export const BULKS = `${EUICCS}/BulkOperations`;
export const bulkPage = (sid: string) => `${BASE}/euiccs/bulk/${sid}`;
