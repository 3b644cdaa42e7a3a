import { useLocation } from 'preact-iso/router';
import { useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api, newIdempotencyKey } from '../api.ts';
import { ExpiryField } from '../components/expiry-field.tsx';
import { Field } from '../components/field.tsx';
import { MetadataFields } from '../components/metadata-fields.tsx';
import { OrderSwitch } from '../components/order-switch.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE, useQuery } from '../location.ts';
import { useMay } from '../session.ts';
import type { EsimProfile } from '../types.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import { useStock } from '../use-stock.ts';
import { useTitle } from '../use-title.ts';
import {
  AsCurl,
  CallbackFields,
  ForWhom,
  inStock,
  ProfileTypeChoice,
  StockNote,
} from './order-fields.tsx';
import { asCurl, hasMatchingId, ORDER_FIELDS, toParameters } from './order.ts';
import { focusWrong, useOrderForm } from './use-order-form.ts';

export function OrderPage() {
  useTitle('Order a profile');
  const { route } = useLocation();
  const mayChange = useMay('orders');
  const [refused, setRefused] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  const key = useRef(newIdempotencyKey());
  const form = useRef<HTMLFormElement>(null);
  const stock = useStock();
  useReloadSoon(stock.reload);

  const eid = useQuery().get('eid');
  const fields = useOrderForm(
    refused,
    () => {
      setRefused(undefined);
      // A changed order is a new request.
      key.current = newIdempotencyKey();
    },
    eid === '' ? {} : { for: 'device', Eid: eid },
  );
  const { order, change, field, problemOf } = fields;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    fields.showAll();
    if (!fields.isValid) return focusWrong(form.current);
    setBusy(true);
    try {
      const headers = { 'Idempotency-Key': key.current };
      const profile = await api.post<EsimProfile>('/v1/ESimProfiles', toParameters(order), headers);
      announce('Profile ordered');
      route(`${BASE}/profiles/${profile.sid}`);
    } catch (error) {
      setRefused(toProblem(error));
      setBusy(false);
    }
  }

  const isAtField = ORDER_FIELDS.some((name) => name === refused?.parameter);
  return (
    <>
      <PageHead title="Order a profile">
        <OrderSwitch many={false} />
      </PageHead>
      {!mayChange && <p class="note">This API key can’t place orders.</p>}
      <div class="columns">
        <form
          ref={form}
          class="card form column order-form"
          onSubmit={(event) => void submit(event)}
          noValidate
          aria-label="Order"
        >
          <ForWhom order={order} change={change} field={field} />
          {hasMatchingId(order) && (
            <Field
              label="Matching ID (optional)"
              help="Empty: one is generated, which nobody can guess."
              placeholder="SHOP-4711-QX7K"
              mono
              {...field('MatchingId')}
            />
          )}
          {stock.problem === undefined ? (
            <ProfileTypeChoice
              order={order}
              change={change}
              types={stock.value?.profile_types ?? []}
            />
          ) : (
            <Field
              label="Profile type (optional)"
              help="As the SM-DP+ knows it."
              {...field('ProfileType')}
            />
          )}
          <Field
            label="ICCID (optional)"
            help="Take this subscription, instead of any of a type."
            mono
            {...field('Iccid')}
          />
          <Field
            label="Name (optional)"
            placeholder="Truck 17"
            help="By which people know it."
            {...field('FriendlyName')}
          />
          <MetadataFields
            lines={order.Metadata}
            onChange={(Metadata) => change({ Metadata })}
            problem={problemOf('Metadata')}
          />
          <Field
            label="Confirmation code (optional)"
            help="The user has to enter it before the download. Send it separately from the activation code."
            mono
            {...field('ConfirmationCode')}
          />
          <ExpiryField
            label="Expires (optional)"
            help="If no device has downloaded the profile by then, the order fails, and its code stops working."
            value={order.ExpiresAt}
            onInput={(ExpiresAt) => change({ ExpiresAt })}
            problem={problemOf('ExpiresAt')}
          />
          <CallbackFields order={order} change={change} field={field} />
          {refused !== undefined && !isAtField && <Problem problem={refused} />}
          <div class="form-actions">
            <StockNote count={inStock(order, stock.value?.profile_types)} mayChange={mayChange} />
            <a class="button" href={`${BASE}/profiles`}>
              Cancel
            </a>
            <button type="submit" class="button button-primary" disabled={busy || !mayChange}>
              {busy ? 'Ordering…' : 'Order'}
            </button>
          </div>
        </form>
        <div class="column">
          <AsCurl command={asCurl(order, location.origin)} />
        </div>
      </div>
    </>
  );
}
