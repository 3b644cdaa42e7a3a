import { useLocation } from 'preact-iso/router';
import { useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Command } from '../components/command.tsx';
import { Field } from '../components/field.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE } from '../location.ts';
import type { EsimProfile, Stock } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import {
  asCurl,
  checkOrder,
  doubtOfEid,
  EMPTY_ORDER,
  newIdempotencyKey,
  toParameters,
} from './order.ts';
import type { Order, OrderField } from './order.ts';

export function OrderPage() {
  useTitle('Order a profile');
  const { route } = useLocation();
  const [order, setOrder] = useState<Order>(EMPTY_ORDER);
  const [left, setLeft] = useState<ReadonlySet<OrderField>>(new Set());
  const [refused, setRefused] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  const key = useRef(newIdempotencyKey());
  const form = useRef<HTMLFormElement>(null);
  const stock = useLoad('/v1/Stock', (signal) => api.get<Stock>('/v1/Stock', {}, signal));

  const found = checkOrder(order);
  function change(values: Partial<Order>): void {
    setOrder({ ...order, ...values });
    setRefused(undefined);
    // Another order is another request.
    key.current = newIdempotencyKey();
  }
  /** A field is not found fault with while it is being typed the first time. */
  function problemOf(field: OrderField): string | undefined {
    if (refused?.parameter === field) return refused.reason;
    return left.has(field) ? found[field] : undefined;
  }
  const text = (field: OrderField & keyof Order) => ({
    name: field,
    value: order[field],
    onInput: (value: string) => change({ [field]: value }),
    onBlur: () => setLeft(new Set(left).add(field)),
    problem: problemOf(field),
  });

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setLeft(new Set<OrderField>(['Eid', 'CallbackUrl', 'ConfirmationCode', 'ProfileType']));
    if (Object.keys(found).length > 0) {
      setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      return;
    }
    setBusy(true);
    try {
      const headers = { 'Idempotency-Key': key.current };
      const profile = await api.post<EsimProfile>('/v1/ESimProfiles', toParameters(order), headers);
      announce('The profile is ordered');
      route(`${BASE}/profiles/${profile.sid}`);
    } catch (error) {
      setRefused(toProblem(error));
      setBusy(false);
    }
  }

  const types = stock.value?.profile_types ?? [];
  const isAtField = ['Eid', 'CallbackUrl', 'ConfirmationCode', 'ProfileType'].includes(
    refused?.parameter ?? '',
  );
  return (
    <>
      <PageHead title="Order a profile" />
      <div class="columns">
        <form
          ref={form}
          class="card form column"
          onSubmit={(event) => void submit(event)}
          noValidate
          aria-label="Order"
        >
          <fieldset class="field">
            <legend>Who shall download it?</legend>
            <label class="choice">
              <input
                type="radio"
                name="for"
                checked={order.for === 'anyone'}
                onChange={() => change({ for: 'anyone' })}
              />
              <span>
                Whoever has its activation code
                <br />
                <span class="muted">A matching ID and a QR code are made.</span>
              </span>
            </label>
            <label class="choice">
              <input
                type="radio"
                name="for"
                checked={order.for === 'device'}
                onChange={() => change({ for: 'device' })}
              />
              <span>
                One device, by its EID
                <br />
                <span class="muted">It finds the profile by itself; no code is needed.</span>
              </span>
            </label>
          </fieldset>
          {order.for === 'device' && (
            <>
              <Field
                label="EID"
                help={
                  doubtOfEid(order.Eid) ??
                  '32 digits; the device shows them under About, or dial *#06#.'
                }
                mono
                autofocus
                {...text('Eid')}
              />
              <label class="choice">
                <input
                  type="checkbox"
                  checked={order.alsoMatchingId}
                  onChange={({ currentTarget }) =>
                    change({ alsoMatchingId: currentTarget.checked })
                  }
                />
                Make an activation code too, which this device alone can use
              </label>
            </>
          )}
          <div class="field">
            <label for="profile-type">Profile type</label>
            <select
              id="profile-type"
              value={order.ProfileType}
              onChange={({ currentTarget }) => change({ ProfileType: currentTarget.value })}
            >
              <option value="">Any that is in stock</option>
              {types.map(({ profile_type: type, available }) => (
                <option key={type} value={type} disabled={available === 0}>
                  {`${type} (${available} left)`}
                </option>
              ))}
            </select>
            {types.length > 0 && types.every(({ available }) => available === 0) && (
              <p class="field-problem">
                The stock is empty, so the order would fail.{' '}
                <a href={`${BASE}/stock`}>Import subscriptions</a>
              </p>
            )}
          </div>
          <Field
            label="Confirmation code (optional)"
            help="The user must type it before the download. You tell it apart from the activation code."
            mono
            {...text('ConfirmationCode')}
          />
          <Field
            label="Callback URL (optional)"
            help="Called at every change of status."
            placeholder="https://example.com/status"
            mono
            {...text('CallbackUrl')}
          />
          {order.CallbackUrl !== '' && (
            <fieldset class="field">
              <legend>Callback method</legend>
              <div class="choices">
                {(['POST', 'GET'] as const).map((method) => (
                  <label key={method} class="choice">
                    <input
                      type="radio"
                      name="method"
                      checked={order.CallbackMethod === method}
                      onChange={() => change({ CallbackMethod: method })}
                    />
                    {method}
                  </label>
                ))}
              </div>
            </fieldset>
          )}
          {refused !== undefined && !isAtField && <Problem problem={refused} />}
          <div class="form-actions">
            <a class="button" href={`${BASE}/profiles`}>
              Cancel
            </a>
            <button type="submit" class="button button-primary" disabled={busy}>
              {busy ? 'Ordering…' : 'Order'}
            </button>
          </div>
        </form>
        <div class="column">
          <section class="card" aria-labelledby="as-curl">
            <h2 id="as-curl">The same through the API</h2>
            <Command text={asCurl(order, location.origin)} />
          </section>
        </div>
      </div>
    </>
  );
}
