import { useLocation } from 'preact-iso/router';
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { newIdempotencyKey } from '../api.ts';
import { profiles } from '../bulk/words.ts';
import { Choices } from '../components/choices.tsx';
import { ExpiryField } from '../components/expiry-field.tsx';
import { Field } from '../components/field.tsx';
import { MetadataFields } from '../components/metadata-fields.tsx';
import { OrderSwitch } from '../components/order-switch.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import type { Batch } from '../types.ts';
import { useStock } from '../use-stock.ts';
import { useTitle } from '../use-title.ts';
import { AboutFile } from './about-file.tsx';
import { BatchFileField, FirstRows, useBatchRows } from './batch-file-field.tsx';
import { asCurl, checkBatch, EMPTY_BATCH, send, textOf, toRequest } from './batch-order.ts';
import type { BatchForm, BatchProblems, BatchRequest } from './batch-order.ts';
import { BatchOutlook } from './batch-survey.tsx';
import { MethodChoice } from './method-choice.tsx';
import { AsCurl, CallbackFields, ProfileTypeChoice } from './order-fields.tsx';
import { focusWrong, useOrderForm } from './use-order-form.ts';
import { useSurvey } from './use-survey.ts';
import './batches.css';

/** Orders up to 10,000 profiles: so many alike, or one for each line of a file. */
export function OrderManyPage() {
  useTitle('Order many profiles');
  const { route } = useLocation();
  const mayChange = useMay('orders');
  const [batch, setBatch] = useState<BatchForm>(EMPTY_BATCH);
  const [left, setLeft] = useState<ReadonlySet<keyof BatchProblems>>(new Set());
  const [refused, setRefused] = useState<ApiProblem>();
  const [progress, setProgress] = useState<number>();
  /** Ordered before it was known what would happen. */
  const [isHurried, setHurried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const fields = useOrderForm(refused, edited);
  const { order, change, field, problemOf } = fields;
  const stock = useStock();
  const found = checkBatch(batch);
  const isFile = batch.source === 'file';
  const isValid = fields.isValid && Object.keys(found).length === 0;
  const request = isValid && mayChange ? toRequest(batch, order) : undefined;
  const surveyed = useSurvey(request);
  const rows = useBatchRows(isFile ? batch.file : undefined);
  const keyOf = useKey();

  function edited(): void {
    setRefused(undefined);
    setHurried(false);
  }
  function changeBatch(values: Partial<BatchForm>): void {
    setBatch({ ...batch, ...values });
    edited();
  }
  const leave = (name: keyof BatchProblems) => setLeft(new Set(left).add(name));
  const wrong = (name: keyof BatchProblems) =>
    refused?.parameter === name ? refused.reason : left.has(name) ? found[name] : undefined;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    fields.showAll();
    setLeft(new Set(['Count', 'file', 'BatchCallbackUrl']));
    if (request === undefined) return focusWrong(form.current);
    if (surveyed.busy) return setHurried(true);
    await place(request);
  }

  useEffect(() => {
    if (!isHurried || surveyed.busy) return;
    setHurried(false);
    const { survey, problem } = surveyed;
    const isAsExpected = survey?.problem_count === 0 && survey.orderable === survey.valid;
    if (request !== undefined && (isAsExpected || problem !== undefined)) void place(request);
    else document.getElementById('outlook')?.scrollIntoView({ block: 'center' });
  }, [isHurried, surveyed.busy]);

  async function place(asked: BatchRequest): Promise<void> {
    setRefused(undefined);
    setProgress(0);
    try {
      const { sid } = await send<Batch>(asked, keyOf(asked), setProgress).done;
      announce('Batch ordered');
      route(`${BASE}/batches/${sid}`);
    } catch (error) {
      setRefused(toProblem(error));
      setProgress(undefined);
    }
  }

  // What was found of the form as it was before is no promise.
  const survey = surveyed.busy ? undefined : surveyed.survey;
  const isHopeless =
    survey !== undefined &&
    (survey.valid === 0 || (batch.AllOrNothing && survey.problem_count > 0));
  const isBusy = progress !== undefined;
  return (
    <>
      <PageHead title="Order many profiles">
        <OrderSwitch many />
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
          <Choices<BatchForm['source']>
            legend="What do you want to order?"
            value={batch.source}
            onChoose={(source) => changeBatch({ source })}
            choices={[
              {
                value: 'count',
                label: 'A number of profiles, all alike',
                about: 'Each has an activation code of its own, and can be given to anyone.',
              },
              {
                value: 'file',
                label: 'One profile for each line of a file',
                about: 'A list of devices or people, with an EID, a name, a code… for each.',
              },
            ]}
          />
          {isFile ? (
            <>
              <BatchFileField
                file={batch.file}
                onChoose={(file) => changeBatch({ file })}
                problem={wrong('file') ?? (batch.file && found.file)}
              />
              {rows !== undefined && rows.count > 0 && <FirstRows rows={rows} />}
              <label class="choice">
                <input
                  type="checkbox"
                  checked={batch.withCodes}
                  onChange={({ currentTarget }) =>
                    changeBatch({ withCodes: currentTarget.checked })
                  }
                />
                <span>
                  Make an activation code for each
                  <br />
                  <span class="muted">
                    A line without an EID needs one. With an EID, only that device can use it.
                  </span>
                </span>
              </label>
            </>
          ) : (
            <Field
              label="How many"
              name="Count"
              placeholder="500"
              help="1 to 10,000 profiles."
              value={batch.Count}
              onInput={(Count) => changeBatch({ Count })}
              onBlur={() => batch.Count !== '' && leave('Count')}
              problem={wrong('Count')}
            />
          )}
          <ProfileTypeChoice
            order={order}
            change={change}
            types={stock.value?.profile_types ?? []}
          />
          <Choices<'each' | 'all'>
            legend="If some of them can’t be ordered?"
            value={batch.AllOrNothing ? 'all' : 'each'}
            onChoose={(how) => changeBatch({ AllOrNothing: how === 'all' })}
            choices={[
              {
                value: 'each',
                label: 'Order the others',
                about: 'The batch says which, and why.',
              },
              {
                value: 'all',
                label: 'All or nothing',
                about: 'Nothing is ordered unless everything is valid and the stock has enough.',
              },
            ]}
          />
          <BatchOutlook surveyed={surveyed} allOrNothing={batch.AllOrNothing} />
          {!isFile && (
            <Field
              label="Name (optional)"
              help="The same for all, such as that of a delivery."
              {...field('FriendlyName')}
            />
          )}
          <MetadataFields
            lines={order.Metadata}
            onChange={(Metadata) => change({ Metadata })}
            problem={problemOf('Metadata')}
          />
          {!isFile && (
            <Field
              label="Confirmation code (optional)"
              help="The same for all. Users have to enter it before the download."
              mono
              {...field('ConfirmationCode')}
            />
          )}
          <ExpiryField
            label="Expires (optional)"
            help="An order whose profile no device has downloaded by then fails."
            value={order.ExpiresAt}
            onInput={(ExpiresAt) => change({ ExpiresAt })}
            problem={problemOf('ExpiresAt')}
          />
          <CallbackFields order={order} change={change} field={field} />
          <Field
            label="Callback URL of the batch (optional)"
            name="BatchCallbackUrl"
            help="Called once, when the whole batch has ended."
            placeholder="https://example.com/batch"
            mono
            value={batch.BatchCallbackUrl}
            onInput={(BatchCallbackUrl) => changeBatch({ BatchCallbackUrl })}
            onBlur={() => leave('BatchCallbackUrl')}
            problem={wrong('BatchCallbackUrl')}
          />
          {batch.BatchCallbackUrl !== '' && (
            <MethodChoice
              legend="Callback method of the batch"
              method={batch.BatchCallbackMethod}
              onChoose={(BatchCallbackMethod) => changeBatch({ BatchCallbackMethod })}
            />
          )}
          {refused !== undefined && <Problem problem={refused} />}
          <div class="form-actions">
            {isBusy && (
              <progress
                class="stock-note"
                value={progress === 1 ? undefined : progress}
                aria-label="The order is being sent"
              />
            )}
            <a class="button" href={`${BASE}/batches`}>
              Cancel
            </a>
            <button
              type="submit"
              class="button button-primary"
              disabled={isBusy || !mayChange || isHopeless}
            >
              {isBusy ? 'Ordering…' : nameOf(isHopeless ? undefined : survey?.valid)}
            </button>
          </div>
        </form>
        <div class="column">
          {isFile && <AboutFile />}
          <AsCurl command={asCurl(batch, order, location.origin)} />
        </div>
      </div>
    </>
  );
}

const nameOf = (count: number | undefined) =>
  count === undefined ? 'Order' : `Order ${profiles(count)}`;

/** The same key for the same request: clicked twice, or sent again after a lost answer, it orders once. */
function useKey(): (request: BatchRequest) => string {
  const last = useRef<{ text: string; body: BatchRequest['body']; key: string }>(undefined);
  return (request) => {
    const [text, { body }] = [textOf(request), request];
    if (last.current?.text !== text || last.current.body !== body) {
      last.current = { text, body, key: newIdempotencyKey() };
    }
    return last.current.key;
  };
}
