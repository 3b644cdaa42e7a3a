// The form of a bulk operation: its values, checks, and the API's parameters.
import type { Parameters } from '../api.ts';
import { euiccFilter } from './euiccs-query.ts';
import { problemOfCallbackUrl } from '../pages/order.ts';
import { kindOf } from './kinds.ts';
import { parametersFor, problemsIn, startOf } from './operation-form.ts';
import type { Asked } from './operation-form.ts';

export interface BulkForm {
  which: 'group' | 'all' | 'list';
  /** Its SID. */
  group: string;
  /** As pasted. */
  eids: string;
  /** As in the list of eUICCs. */
  status: string;
  seen: string;
  kind: string;
  /** Which profile of each. */
  profile: 'enabled' | 'disabled' | 'iccid';
  asked: Asked;
  /** Which profiles are downloaded. */
  from: 'order' | 'batch';
  ProfileType: string;
  BatchSid: string;
  Rate: string;
  MaximumFailures: string;
  Canary: string;
  CanaryApproval: boolean;
  BulkCallbackUrl: string;
}

/** What each part of the form is given. */
export interface BulkPartProps {
  form: BulkForm;
  change: (values: Partial<BulkForm>) => void;
  problemOf: (name: string) => string | undefined;
}

export function startOfBulk(query: { get: (name: string) => string }): BulkForm {
  const group = query.get('group');
  return {
    which: group === '' ? 'all' : 'group',
    group,
    eids: '',
    status: query.get('status'),
    seen: query.get('seen'),
    kind: 'download',
    profile: 'disabled',
    asked: startOf({}),
    from: 'order',
    ProfileType: '',
    BatchSid: '',
    Rate: '',
    MaximumFailures: '5%',
    Canary: '',
    CanaryApproval: false,
    BulkCallbackUrl: '',
  };
}

/** Error messages by field. */
export function problemsOfBulk(form: BulkForm, isLeaving: boolean): Record<string, string> {
  const kind = kindOf(form.kind);
  const skipped = form.profile === 'iccid' ? [] : ['Iccid'];
  const found = Object.entries(problemsIn(kind, form.asked, isLeaving)).filter(
    ([name, text]) => text !== undefined && !skipped.includes(name) && name !== 'ActivationCode',
  ) as [string, string][];
  const problems: Record<string, string> = Object.fromEntries(found);
  if (form.which === 'group' && form.group === '') problems['Group'] = 'Choose a group.';
  if (form.which === 'list' && eidsIn(form).length === 0) problems['Eids'] = 'Paste the EIDs.';
  if (form.kind === 'download' && form.from === 'batch' && form.BatchSid === '') {
    problems['BatchSid'] = 'Choose a batch.';
  }
  const url = problemOfCallbackUrl(form.BulkCallbackUrl.trim());
  if (url !== undefined) problems['BulkCallbackUrl'] = url;
  if (form.Rate !== '' && !isCount(form.Rate, 60_000)) {
    problems['Rate'] = 'Enter a whole number from 1 to 60,000, or leave it empty.';
  }
  if (form.Canary !== '' && !isCount(form.Canary, 10_000)) {
    problems['Canary'] = 'Enter a whole number from 1 to 10,000, or leave it empty.';
  }
  if (form.MaximumFailures !== '' && !/^(\d{1,5}|\d{1,2}%|100%)$/.test(form.MaximumFailures)) {
    problems['MaximumFailures'] = 'Enter a number, or a percentage such as 5%.';
  }
  return problems;
}

const isCount = (text: string, most: number) =>
  /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most;

const eidsIn = ({ eids }: BulkForm) => eids.split(/[\s,;]+/).filter((eid) => eid !== '');

export function bulkParameters(form: BulkForm, now: number): Parameters {
  const kind = kindOf(form.kind);
  const { Iccid, ...own } = parametersFor(kind, form.asked);
  const isOfProfile = kind.fields.includes('Iccid');
  const filter = { get: (name: string) => (name === 'seen' ? form.seen : form.status) };
  const { Status, SeenAfter, SeenBefore } = euiccFilter(filter, now);
  const filters = form.which === 'list' ? {} : { Status, SeenAfter, SeenBefore };
  return {
    Kind: kind.kind,
    ...own,
    ...(isOfProfile && form.profile === 'iccid' ? { Iccid } : {}),
    ...(isOfProfile && form.profile !== 'iccid' ? { Profile: form.profile } : {}),
    ...(kind.kind === 'download'
      ? {
          ActivationCode: undefined,
          ...(form.from === 'order'
            ? { Order: 'true', ProfileType: form.ProfileType.trim() || undefined }
            : { BatchSid: form.BatchSid }),
        }
      : {}),
    Group: form.which === 'group' ? form.group : undefined,
    AllEuiccs: form.which === 'all' ? 'true' : undefined,
    Eids: form.which === 'list' ? eidsIn(form) : undefined,
    ...filters,
    Rate: form.Rate || undefined,
    MaximumFailures: form.MaximumFailures || undefined,
    Canary: form.Canary || undefined,
    CanaryApproval: form.Canary !== '' && form.CanaryApproval ? 'true' : undefined,
    BulkCallbackUrl: form.BulkCallbackUrl.trim() || undefined,
  };
}
