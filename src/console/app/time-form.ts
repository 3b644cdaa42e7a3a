// How times are shown: relative, exact to the second, or both. The choice is kept in the browser.
import { recall, remember } from './remembered.ts';
import { createStore } from './store.ts';

export const TIME_FORMS = ['relative', 'exact', 'both'] as const;
export type TimeForm = (typeof TIME_FORMS)[number];

const recalled = recall('times');
export const timeForm = createStore<TimeForm>(
  TIME_FORMS.find((known) => known === recalled) ?? 'relative',
);

export function chooseTimeForm(form: TimeForm): void {
  timeForm.set(form);
  remember('times', form === 'relative' ? undefined : form);
}
