// Examples of what lists and errors have.
import { BASE, PROFILE_SID } from './example-values.ts';

export const LIST_AND_ERROR_EXAMPLES = {
  Count: { count: 10_000, more: true },
  Meta: {
    first_page_url: `${BASE}/v1/ESimProfiles?PageSize=50&Page=0`,
    key: 'esim_profiles',
    next_page_url: null,
    page: 0,
    page_size: 50,
    previous_page_url: null,
    url: `${BASE}/v1/ESimProfiles?PageSize=50&Page=0`,
  },
  OrderConflict: {
    code: 20409,
    message: `${PROFILE_SID} is installed; an order can be cancelled while it is new, reserving, available or downloaded`,
    more_info: 'https://www.twilio.com/docs/errors/20409',
    status: 409,
    details: {
      status: 'installed',
      allowed_statuses: ['new', 'reserving', 'available', 'downloaded'],
    },
  },
};
