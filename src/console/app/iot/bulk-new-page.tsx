import { useLocation } from 'preact-iso/router';
import { useId, useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api, newIdempotencyKey } from '../api.ts';
import { Choices } from '../components/choices.tsx';
import { Field } from '../components/field.tsx';
import { FileProblems } from '../components/file-problems.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE, useQuery } from '../location.ts';
import { focusWrong } from '../pages/use-order-form.ts';
import { useMay } from '../session.ts';
import { useAccount } from '../use-account.ts';
import { BATCHES } from '../pages/batch-order.ts';
import type { Batch } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { bulkParameters, problemsOfBulk, startOfBulk } from './bulk-form.ts';
import type { BulkForm } from './bulk-form.ts';
import { eUICCs } from './bulk-in-words.ts';
import { CommandFields } from './command-fields.tsx';
import { SEEN } from './euiccs-query.ts';
import { KINDS, kindOf } from './kinds.ts';
import { isLeft } from './operation-form.ts';
import { Check, KindChoice, OperationFields } from './operation-fields.tsx';
import { bulkPage, BULKS } from './paths.ts';
import { EUICC_STATES } from './types.ts';
import type { BulkOperation, BulkSurvey } from './types.ts';
import { useGroups } from './use-groups.ts';
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
        <Which form={form} change={change} problemOf={problemOf} />
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
          <WhichProfile form={form} change={change} problemOf={problemOf} />
        )}
        {form.kind === 'download' && (
          <WhichDownload form={form} change={change} problemOf={problemOf} />
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
        <HowFast form={form} change={change} problemOf={problemOf} />
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
        {survey !== undefined && <Outlook survey={survey} />}
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

interface PartProps {
  form: BulkForm;
  change: (values: Partial<BulkForm>) => void;
  problemOf: (name: string) => string | undefined;
}

function Which({ form, change, problemOf }: PartProps) {
  const id = useId();
  const { value: groups = [] } = useGroups();
  return (
    <>
      <Choices
        legend="Which eUICCs?"
        value={form.which}
        onChoose={(which) => change({ which })}
        choices={[
          { value: 'group', label: 'Those of a group' },
          { value: 'all', label: 'All of the account' },
          { value: 'list', label: 'Those of a list' },
        ]}
      />
      {form.which === 'group' && (
        <div class="field">
          <label for={`${id}-group`}>Group</label>
          <select
            id={`${id}-group`}
            value={form.group}
            aria-invalid={problemOf('Group') !== undefined}
            onChange={({ currentTarget }) => change({ group: currentTarget.value })}
          >
            <option value="">Choose one</option>
            {groups.map(({ sid, name }) => (
              <option key={sid} value={sid}>
                {name}
              </option>
            ))}
          </select>
          {problemOf('Group') !== undefined && <p class="field-problem">{problemOf('Group')}</p>}
        </div>
      )}
      {form.which === 'list' ? (
        <div class="field">
          <label for={`${id}-eids`}>EIDs</label>
          <textarea
            id={`${id}-eids`}
            class="mono"
            rows={6}
            spellcheck={false}
            value={form.eids}
            aria-invalid={problemOf('Eids') !== undefined}
            onInput={({ currentTarget }) => change({ eids: currentTarget.value })}
          />
          {problemOf('Eids') !== undefined && <p class="field-problem">{problemOf('Eids')}</p>}
        </div>
      ) : (
        <div class="bulk-filters">
          <div class="field">
            <label for={`${id}-status`}>Of these</label>
            <select
              id={`${id}-status`}
              value={form.status}
              onChange={({ currentTarget }) => change({ status: currentTarget.value })}
            >
              <option value="">In any status</option>
              {EUICC_STATES.map((status) => (
                <option key={status}>{status}</option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for={`${id}-seen`}>Last seen</label>
            <select
              id={`${id}-seen`}
              value={form.seen}
              onChange={({ currentTarget }) => change({ seen: currentTarget.value })}
            >
              <option value="">At any time</option>
              {SEEN.map(({ value, title }) => (
                <option key={value} value={value}>
                  {title}
                </option>
              ))}
            </select>
          </div>
        </div>
      )}
    </>
  );
}

function WhichProfile({ form, change, problemOf }: PartProps) {
  const { asked, kind } = form;
  const states = {
    enable: ['disabled'],
    disable: ['enabled'],
    delete: ['disabled'],
  }[kind] ?? ['disabled', 'enabled'];
  return (
    <>
      <Choices
        legend="Which profile of each?"
        value={form.profile}
        onChoose={(profile) => change({ profile })}
        choices={[
          ...states.map((state) => ({
            value: state as BulkForm['profile'],
            label: `The only one that is ${state}`,
            about: 'As last reported. An eUICC with several, or none, is refused.',
          })),
          { value: 'iccid', label: 'The one with this ICCID' },
        ]}
      />
      {form.profile === 'iccid' && (
        <Field
          label="ICCID of the profile"
          name="Iccid"
          value={asked.Iccid}
          onInput={(Iccid) => change({ asked: { ...asked, Iccid } })}
          problem={problemOf('Iccid')}
          mono
        />
      )}
    </>
  );
}

function WhichDownload({ form, change, problemOf }: PartProps) {
  const id = useId();
  const { value } = useLoad(BATCHES, (signal) =>
    api.get<{ batches: readonly Batch[] }>(BATCHES, { PageSize: '100' }, signal),
  );
  const problem = problemOf('BatchSid');
  return (
    <>
      <Choices
        legend="Which profile for each?"
        value={form.from}
        onChoose={(from) => change({ from })}
        choices={[
          { value: 'order', label: 'One that is ordered for its EID now' },
          {
            value: 'batch',
            label: 'One of a batch that was ordered before',
            about: 'Those that are available, and for no EID.',
          },
        ]}
      />
      {form.from === 'order' ? (
        <Field
          label="Profile type (optional)"
          name="ProfileType"
          value={form.ProfileType}
          onInput={(ProfileType) => change({ ProfileType })}
          help="Empty: any."
          problem={problemOf('ProfileType')}
        />
      ) : (
        <div class="field">
          <label for={`${id}-batch`}>Batch</label>
          <select
            id={`${id}-batch`}
            value={form.BatchSid}
            aria-invalid={problem !== undefined}
            onChange={({ currentTarget }) => change({ BatchSid: currentTarget.value })}
          >
            <option value="">Choose one</option>
            {value?.batches.map(({ sid, ordered, date_created: date }) => (
              <option key={sid} value={sid}>
                {`…${sid.slice(-6)}: ${ordered.toLocaleString()} ordered, ${date.slice(0, 10)}`}
              </option>
            ))}
          </select>
          {problem !== undefined && <p class="field-problem">{problem}</p>}
        </div>
      )}
    </>
  );
}

function HowFast({ form, change, problemOf }: PartProps) {
  const field = (name: 'Rate' | 'MaximumFailures' | 'Canary') => ({
    name,
    value: form[name],
    onInput: (value: string) => change({ [name]: value.trim() }),
    problem: problemOf(name),
  });
  return (
    <fieldset class="field bulk-fast">
      <legend>How fast, and when it halts</legend>
      <Field
        label="eUICCs a minute (optional)"
        placeholder="600"
        help="How many are given their operation. Empty: all at once."
        {...field('Rate')}
      />
      <Field
        label="Halt when more have failed than (optional)"
        placeholder="5%"
        help="A number, or a percentage of all. Empty: never."
        {...field('MaximumFailures')}
      />
      <Field
        label="How many go first (optional)"
        placeholder="20"
        help="Those that have polled last. The others follow when all of these have ended and none has failed."
        {...field('Canary')}
      />
      {form.Canary !== '' && (
        <Check
          label="Then pause until I resume it"
          about="Otherwise the others follow by themselves."
          checked={form.CanaryApproval}
          onCheck={(CanaryApproval) => change({ CanaryApproval })}
        />
      )}
    </fieldset>
  );
}

function Outlook({ survey }: { survey: BulkSurvey }) {
  const { count, valid, problem_count: problems } = survey;
  return (
    <section class="outlook" aria-labelledby="outlook">
      <h2 id="outlook">What will happen</h2>
      <ul>
        <li>
          <span class={valid > 0 ? 'mark-good' : 'mark-bad'}>
            <Icon name={valid > 0 ? 'check' : 'warning'} />
          </span>
          <span>
            {count === 0
              ? 'No eUICC matches.'
              : `${eUICCs(valid)} of ${count.toLocaleString()} will be asked.`}
          </span>
        </li>
        {problems > 0 && (
          <li>
            <span class="mark-bad">
              <Icon name="warning" />
            </span>
            <span>{eUICCs(problems)} will be refused.</span>
          </li>
        )}
      </ul>
      {problems > 0 && (
        <FileProblems
          number="Item"
          problems={survey.problems.map(({ item, message }) => ({ line: item, message }))}
          count={problems}
        />
      )}
    </section>
  );
}
