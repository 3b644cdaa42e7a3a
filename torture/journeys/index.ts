// All journeys. Every trial runs those that its servers can take part in.
import type { Journey } from '../journey.ts';
import { batch } from './batch.ts';
import { callback } from './callback.ts';
import { change } from './change.ts';
import { download } from './download.ts';
import { stockImport } from './import.ts';
import { failure } from './failure.ts';
import { firstContact } from './first-contact.ts';
import { iot } from './iot.ts';
import { migration } from './migration.ts';
import { notification } from './notification.ts';
import { order } from './order.ts';
import { retention } from './retention.ts';
import { rivals } from './rivals.ts';

export const JOURNEYS: readonly Journey[] = [
  order,
  download,
  notification,
  callback,
  rivals,
  failure,
  change,
  batch,
  stockImport,
  iot,
  firstContact,
  retention,
  migration,
];
