// How times are shown: relative, or exact to the second. The choice is kept in the browser.
import { recall, remember } from './remembered.ts';
import { createStore } from './store.ts';

export type TimeForm = 'relative' | 'exact';

export const timeForm = createStore<TimeForm>(recall('times') === 'exact' ? 'exact' : 'relative');

export function chooseTimeForm(form: TimeForm): void {
  timeForm.set(form);
  remember('times', form === 'relative' ? undefined : form);
}
