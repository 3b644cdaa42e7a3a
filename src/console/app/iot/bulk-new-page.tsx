import { useLocation } from 'preact-iso/router';
import { useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api, newIdempotencyKey } from '../api.ts';
import { Field } from '../components/field.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE, useQuery } from '../location.ts';
import { focusWrong } from '../pages/use-order-form.ts';
import { useMay } from '../session.ts';
import { useAccount } from '../use-account.ts';
import { useTitle } from '../use-title.ts';
import { BulkDownload } from './bulk-download.tsx';
import { bulkParameters, problemsOfBulk, startOfBulk } from './bulk-form.ts';
import type { BulkForm } from './bulk-form.ts';
import { eUICCs } from './bulk-in-words.ts';
import { BulkOutlook } from './bulk-outlook.tsx';
import { BulkPace } from './bulk-pace.tsx';
import { BulkProfile } from './bulk-profile.tsx';
import { BulkWhich } from './bulk-which.tsx';
import { CommandFields } from './command-fields.tsx';
import { KINDS, kindOf } from './kinds.ts';
import { isLeft } from './operation-form.ts';
import { Check, KindChoice, OperationFields } from './operation-fields.tsx';
import { bulkPage, BULKS } from './paths.ts';
import type { BulkOperation, BulkSurvey } from './types.ts';
import './iot.css';
import '../pages/batches.css';

/** Asks many eUICCs for the same: first what it would be about, then for it. */
export function BulkNewPage() {
  useTitle('Ask many eUICCs');
  const { route } = useLocation();
  const mayChange = useMay('orders');
  const account = useAccount();
  const query = useQuery();
  const [form, setForm] = useState(() => startOfBulk(query));
  const [shown, setShown] = useState(false);
  const [survey, setSurvey] = useState<BulkSurvey>();
  const [refused, setRefused] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  const key = useRef(newIdempotencyKey());
  const element = useRef<HTMLFormElement>(null);
  const kind = kindOf(form.kind);
  const ours = account.value?.eim_id ?? undefined;
  const isLeaving = isLeft(kind, form.asked, ours);
  const problems = problemsOfBulk(form, isLeaving);
  const problemOf = (name: string) =>
    refused?.parameter === name ? refused.reason : shown ? problems[name] : undefined;

  function change(values: Partial<BulkForm>): void {
    setForm({ ...form, ...values });
    setSurvey(undefined);
    setRefused(undefined);
    key.current = newIdempotencyKey();
  }

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setShown(true);
    if (Object.keys(problems).length > 0) return focusWrong(element.current);
    setBusy(true);
    setRefused(undefined);
    const parameters = bulkParameters(form, Date.now());
    try {
      if (survey === undefined) {
        const found = await api.post<BulkSurvey>(BULKS, { ...parameters, DryRun: 'true' });
        setSurvey(found);
        announce(`It is about ${eUICCs(found.valid)}`);
      } else {
        const headers = { 'Idempotency-Key': key.current };
        const bulk = await api.post<BulkOperation>(BULKS, parameters, headers);
        announce('The bulk operation has begun');
        return route(bulkPage(bulk.sid));
      }
    } catch (error) {
      setRefused(toProblem(error));
    }
    setBusy(false);
  }

  return (
    <>
      <PageHead title="Ask many eUICCs" />
      {!mayChange && <p class="note">This API key can’t ask eUICCs for anything.</p>}
      <form
        ref={element}
        class="card form order-form bulk-form"
        onSubmit={(event) => void submit(event)}
        noValidate
        aria-label="Bulk operation"
      >
        <BulkWhich form={form} change={change} problemOf={problemOf} />
        <KindChoice
          kinds={KINDS}
          value={form.kind}
          onChoose={(chosen) =>
            change({ kind: chosen, profile: chosen === 'disable' ? 'enabled' : 'disabled' })
          }
        />
        <p>
          {form.kind === 'download'
            ? 'The device of each downloads a profile of its own through the eIM.'
            : kind.about}
        </p>
        {kind.danger !== undefined && <p class="note note-warn">{kind.danger}</p>}
        {kind.fields.includes('Iccid') && (
          <BulkProfile form={form} change={change} problemOf={problemOf} />
        )}
        {form.kind === 'download' && (
          <BulkDownload form={form} change={change} problemOf={problemOf} />
        )}
        <OperationFields
          kind={kind}
          asked={form.asked}
          change={(values) => change({ asked: { ...form.asked, ...values } })}
          problemOf={problemOf}
        />
        {form.kind === 'package' && (
          <CommandFields
            commands={form.asked.Commands}
            onChange={(Commands) => change({ asked: { ...form.asked, Commands } })}
            euicc={undefined}
            problemOf={problemOf}
          />
        )}
        {isLeaving && (
          <Check
            label="These eUICCs shall obey this eIM no longer"
            about={problemOf('isSure') ?? `${ours} is this eIM.`}
            checked={form.asked.isSure}
            onCheck={(isSure) => change({ asked: { ...form.asked, isSure } })}
          />
        )}
        <BulkPace form={form} change={change} problemOf={problemOf} />
        <Field
          label="Callback URL (optional)"
          name="BulkCallbackUrl"
          value={form.BulkCallbackUrl}
          onInput={(BulkCallbackUrl) => change({ BulkCallbackUrl })}
          placeholder="https://example.com/status"
          help="Called when it is halted, when it pauses after those that go first, and when it has ended."
          problem={problemOf('BulkCallbackUrl')}
          mono
        />
        {survey !== undefined && <BulkOutlook survey={survey} />}
        {refused !== undefined && refused.problems.length === 0 && <Problem problem={refused} />}
        <div class="form-actions">
          <a class="button" href={`${BASE}/euiccs`}>
            Cancel
          </a>
          <button
            type="submit"
            class={`button ${kind.danger !== undefined && survey !== undefined ? 'button-danger' : 'button-primary'}`}
            disabled={busy || !mayChange || survey?.valid === 0}
          >
            {survey === undefined ? 'See what will happen' : `Ask ${eUICCs(survey.valid)}`}
          </button>
        </div>
      </form>
    </>
  );
}
