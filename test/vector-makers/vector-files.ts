// All the vector files that are made from code.
import type { VectorFile } from './vector-file.ts';
import { ciVectors } from './certificates/ci.ts';
import { crlVectors } from './certificates/crl.ts';
import { euiccVectors } from './certificates/euicc.ts';
import { eumVectors } from './certificates/eum.ts';
import { formVectors } from './certificates/form.ts';
import { serverVectors } from './certificates/servers.ts';
import { codesVectors } from './packages/codes.ts';
import { filesVectors } from './packages/files.ts';
import { identityVectors } from './packages/identity.ts';
import { keysVectors } from './packages/keys.ts';
import { orderVectors } from './packages/order.ts';
import { servicesVectors } from './packages/services.ts';

export function vectorFiles(): VectorFile[] {
  return [
    ciVectors(),
    eumVectors(),
    euiccVectors(),
    serverVectors('dpAuth'),
    serverVectors('dpPb'),
    serverVectors('dpTls'),
    serverVectors('dsAuth'),
    serverVectors('dsTls'),
    crlVectors(),
    formVectors(),
    orderVectors(),
    servicesVectors(),
    filesVectors(),
    codesVectors(),
    keysVectors(),
    identityVectors(),
  ];
}
