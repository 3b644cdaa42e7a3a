// The changes that can be made to many orders: what each means for an order in its state, as the API has it (docs/api.md,
// "After the order").
import { problemOfFriendlyName, problemOfMetadata } from '../../../operator/owner-fields.ts';
import { problemOfExpiry, toUtc } from '../local-time.ts';
import { problemOfEid, withoutSpace } from '../pages/order.ts';
import type { Status } from '../types.ts';
import type { Selected } from './collect.ts';
import { orders } from './words.ts';

/** The parameters of a request. */
export type Form = Readonly<Record<string, string>>;

/** What happens to an order; or why nothing can. */
export type Outcome = { will: string; form: Form; undo?: Form } | { cannot: string };

/** What the user has entered. */
export type Options = Readonly<Record<string, string>>;

export interface Field {
  name: string;
  label: string;
  help?: string;
  type: 'text' | 'checkbox' | 'datetime-local';
}

export interface BulkAction {
  id: string;
  /** In the menu, and as the title of its dialog. */
  title: string;
  /** The button: "Cancel 12 orders". */
  button: (count: number) => string;
  /** While it runs: "Cancelling 12 orders". */
  doing: (count: number) => string;
  /** "12 orders cancelled" */
  done: (count: number) => string;
  /** Of the operation, after the profile's. */
  path: '' | '/Cancel' | '/MatchingId' | '/Reorder';
  about: string;
  /** Why it cannot be undone, if it cannot. */
  final?: string;
  /** How it can be undone otherwise, unless as long as nothing is downloaded. */
  undo?: string;
  fields: readonly Field[];
  /** @returns a message per field */
  check?: (options: Options) => Partial<Record<string, string>>;
  plan: (order: Selected, options: Options) => Outcome;
}

const CANNOT: Record<Status, string> = {
  new: 'not reserved yet; try again in a moment',
  reserving: 'being reserved; try again in a moment',
  available: '',
  downloaded: 'a device has downloaded the profile',
  installed: 'installed on a device',
  failed: 'has ended',
};

/** What is possible only until a device has downloaded the profile. */
const untilDownloaded = (
  order: Selected,
  outcome: (order: Selected) => Outcome,
  also: readonly Status[] = [],
): Outcome =>
  order.status === 'available' || also.includes(order.status)
    ? outcome(order)
    : { cannot: CANNOT[order.status] };

const CANCEL: BulkAction = {
  id: 'cancel',
  title: 'Cancel orders',
  button: (count) => `Cancel ${orders(count)}`,
  doing: (count) => `Cancelling ${orders(count)}`,
  done: (count) => `${orders(count)} cancelled`,
  path: '/Cancel',
  about:
    'A cancelled order ends as failed, with the code 83590. Its activation code stops working at once.',
  final: 'A cancelled order never comes back. It can be ordered again, with another code.',
  fields: [
    {
      name: 'downloaded',
      label: 'Also those that a device has downloaded',
      help: 'The device may have the profile, so the subscription is never used again.',
      type: 'checkbox',
    },
  ],
  plan({ status }, { downloaded }) {
    if (status === 'new' || status === 'reserving') return { will: 'ends', form: {} };
    if (status === 'available')
      return { will: 'ends; its subscription returns to stock', form: {} };
    if (status === 'downloaded' && downloaded === 'true') {
      return {
        will: 'ends; its subscription is never used again',
        form: { FinalProfileStatusIndicator: 'Unavailable' },
      };
    }
    return { cannot: CANNOT[status] };
  },
};

const NEW_CODE: BulkAction = {
  id: 'code',
  title: 'Replace activation codes',
  button: (count) => `Replace ${count.toLocaleString()} ${count === 1 ? 'code' : 'codes'}`,
  doing: (count) => `Replacing the codes of ${orders(count)}`,
  done: (count) => `${orders(count)} with a new code`,
  path: '/MatchingId',
  about: 'Each order gets another matching ID and activation code. Order, ICCID and EID stay.',
  final: 'The old codes, printed or sent, stop working at once.',
  fields: [],
  plan: (order) => untilDownloaded(order, () => ({ will: 'gets a new code', form: {} })),
};

const BIND: BulkAction = {
  id: 'bind',
  title: 'Bind to a device',
  button: (count) => `Bind ${orders(count)}`,
  doing: (count) => `Binding ${orders(count)}`,
  done: (count) => `${orders(count)} bound`,
  path: '',
  about: 'Only the device with this EID can then download the profiles. Their codes stay.',
  fields: [{ name: 'Eid', label: 'EID', type: 'text' }],
  check({ Eid = '' }) {
    const problem = problemOfEid(Eid);
    return problem === undefined ? {} : { Eid: problem };
  },
  plan: (order, { Eid = '' }) =>
    untilDownloaded(order, ({ eid }) => {
      const wanted = withoutSpace(Eid);
      if (eid !== null && eid.toLowerCase() === wanted.toLowerCase()) {
        return { cannot: 'bound to this EID already' };
      }
      return {
        will: eid === null ? 'is bound' : 'is bound to this EID instead of another',
        form: { Eid: wanted },
        // Without a matching ID, an order must keep an EID.
        ...(eid === null && order.matching_id === null ? {} : { undo: { Eid: eid ?? '' } }),
      };
    }),
};

const UNBIND: BulkAction = {
  id: 'unbind',
  title: 'Release from their devices',
  button: (count) => `Release ${orders(count)}`,
  doing: (count) => `Releasing ${orders(count)}`,
  done: (count) => `${orders(count)} released`,
  path: '',
  about: 'Any device that presents the activation code can then download the profile.',
  fields: [],
  plan: (order) =>
    untilDownloaded(order, ({ eid, matching_id: matchingId }) => {
      if (eid === null) return { cannot: 'bound to no device' };
      if (matchingId === null) return { cannot: 'has no code; replace its code first' };
      return { will: 'is released', form: { Eid: '' }, undo: { Eid: eid } };
    }),
};

const EXPIRE: BulkAction = {
  id: 'expire',
  title: 'Set when they expire',
  button: (count) => `Change ${orders(count)}`,
  doing: (count) => `Changing ${orders(count)}`,
  done: (count) => `${orders(count)} changed`,
  path: '',
  about: 'An order that no device has downloaded by then fails, with the code 83591.',
  fields: [
    {
      name: 'at',
      label: 'Expire at',
      help: 'In your local time. Empty: they never expire.',
      type: 'datetime-local',
    },
  ],
  check({ at = '' }) {
    const problem = problemOfExpiry(at);
    return problem === undefined ? {} : { at: problem };
  },
  plan: (order, { at = '' }) =>
    untilDownloaded(
      order,
      ({ expires_at: before }) => {
        const time = toUtc(at);
        if ((before ?? '') === time) return { cannot: 'as it is already' };
        return {
          will: time === '' ? 'no longer expires' : 'expires then',
          form: { ExpiresAt: time },
          undo: { ExpiresAt: before ?? '' },
        };
      },
      ['new', 'reserving'],
    ),
};

const REORDER: BulkAction = {
  id: 'reorder',
  title: 'Order again',
  button: (count) => `Order ${count.toLocaleString()} again`,
  doing: (count) => `Ordering ${count.toLocaleString()} again`,
  done: (count) => `${orders(count)} placed`,
  path: '/Reorder',
  about:
    'A new order in place of each that failed, as it was ordered, with another activation code.',
  final: 'New orders can be cancelled, but the old ones stay replaced.',
  fields: [
    {
      name: 'keep',
      label: 'Keep their ICCIDs and keys',
      help: 'Instead of taking others from stock. Only possible if no device can have the profile.',
      type: 'checkbox',
    },
  ],
  plan({ status, replaced_by_sid: other, iccid }, { keep }) {
    if (other != null) return { cannot: 'ordered again already' };
    if (keep === 'true') {
      if (status !== 'failed' && status !== 'installed') return { cannot: 'has not ended' };
      if (iccid === null) return { cannot: 'never had an ICCID' };
      return {
        will:
          status === 'failed'
            ? 'is released again with the same ICCID'
            : 'is released again, if the device has reported that it deleted the profile',
        form: { KeepSim: 'true' },
      };
    }
    return status === 'failed'
      ? { will: 'is ordered again, from stock', form: {} }
      : { cannot: status === 'installed' ? CANNOT.installed : 'has not ended' };
  },
};

const LABEL: BulkAction = {
  id: 'label',
  title: 'Name and label',
  button: (count) => `Label ${orders(count)}`,
  doing: (count) => `Labelling ${orders(count)}`,
  done: (count) => `${orders(count)} labelled`,
  path: '',
  about:
    'Find them all again by a name that they share, or by metadata: a key of your own with a value.',
  undo: 'Once it is done, you can undo it.',
  fields: [
    { name: 'name', label: 'Name', help: 'Empty: the names stay as they are.', type: 'text' },
    { name: 'key', label: 'Metadata key', help: 'For example: site', type: 'text' },
    { name: 'value', label: 'Value', help: 'Empty: removes the key.', type: 'text' },
  ],
  check({ name = '', key = '', value = '' }) {
    if (name.trim() === '' && key.trim() === '') {
      return value === '' ? { name: 'Enter a name or a key.' } : { key: 'Enter the key.' };
    }
    const ofName = problemOfFriendlyName(name.trim());
    const ofKey = key.trim() === '' ? undefined : problemOfMetadata({ [key.trim()]: value });
    return {
      ...(ofName === undefined ? {} : { name: `${ofName}.` }),
      ...(ofKey === undefined ? {} : { key: `${ofKey}.` }),
    };
  },
  plan({ friendly_name: named, metadata }, { name = '', key: given = '', value = '' }) {
    const key = given.trim();
    const form: Record<string, string> = {};
    const undo: Record<string, string> = {};
    if (name.trim() !== '' && name.trim() !== named) {
      form['FriendlyName'] = name.trim();
      undo['FriendlyName'] = named ?? '';
    }
    const was = metadata?.[key] ?? '';
    if (key !== '' && was !== value) {
      form[`Metadata.${key}`] = value;
      undo[`Metadata.${key}`] = was;
    }
    if (Object.keys(form).length === 0) return { cannot: 'as it is already' };
    const isOther = undo['FriendlyName'] || was !== '';
    return { will: isOther ? 'gets another label than it has' : 'gets the label', form, undo };
  },
};

export const ACTIONS: readonly BulkAction[] = [
  LABEL,
  REORDER,
  NEW_CODE,
  BIND,
  UNBIND,
  EXPIRE,
  CANCEL,
];

export function actionOf(id: string): BulkAction {
  return ACTIONS.find((action) => action.id === id)!;
}
