import { orders, profiles } from '../bulk/words.ts';
import { Icon } from '../components/icon.tsx';
import { FileProblems } from '../components/file-problems.tsx';
import { Problem } from '../components/problem.tsx';
import { BASE } from '../location.ts';
import type { BatchSurvey } from '../types.ts';
import { ITEM_LIMIT } from './batch-order.ts';
import type { Surveyed } from './use-survey.ts';

interface Props {
  surveyed: Surveyed;
  allOrNothing: boolean;
}

/** What the order will do, before it is placed. */
export function BatchOutlook({ surveyed: { survey, problem, busy }, allOrNothing }: Props) {
  if (problem !== undefined) return <Problem problem={problem} />;
  if (survey === undefined) {
    return busy ? <p class="muted">Checking…</p> : null;
  }
  const isShort = survey.orderable < survey.valid;
  return (
    <section class="outlook" aria-labelledby="outlook" aria-busy={busy}>
      <h2 id="outlook">What will happen</h2>
      <ul>
        <li>
          <Mark good={survey.problem_count === 0} />
          <span>{validInWords(survey, allOrNothing)}</span>
        </li>
        <li>
          <Mark good={!isShort} />
          <span>
            {stockInWords(survey, allOrNothing)}
            {isShort && (
              <>
                {' '}
                <a href={`${BASE}/stock`}>Import subscriptions</a>
              </>
            )}
            {survey.stock.length > 1 && <StockByType survey={survey} />}
          </span>
        </li>
      </ul>
      {survey.problems.length > 0 && (
        <FileProblems
          number="Item"
          problems={survey.problems.map(({ item, message }) => ({ line: item, message }))}
          count={survey.problem_count}
          note={allOrNothing ? '; nothing can be ordered.' : '; these lines are left out.'}
        />
      )}
    </section>
  );
}

function Mark({ good }: { good: boolean }) {
  return (
    <span class={good ? 'mark-good' : 'mark-bad'}>
      <Icon name={good ? 'check' : 'warning'} />
    </span>
  );
}

function validInWords(survey: BatchSurvey, allOrNothing: boolean): string {
  const { count, valid, orderable, problem_count: wrong } = survey;
  if (wrong === 0 && orderable === valid) return `${profiles(count)} will be ordered.`;
  if (wrong === 0) return `${orders(count)}, which ${count === 1 ? 'is' : 'are all'} valid.`;
  const of = `${wrong.toLocaleString()} of ${count.toLocaleString()} lines ${wrong === 1 ? 'is' : 'are'} not valid`;
  if (valid === 0 || allOrNothing) return `${of}: nothing will be ordered.`;
  return `${of}; ${valid === 1 ? 'the other one is' : `the other ${valid.toLocaleString()} are`}.`;
}

function stockInWords({ valid, orderable, stock }: BatchSurvey, allOrNothing: boolean): string {
  if (orderable < valid) {
    return allOrNothing
      ? 'The stock has too few subscriptions: the batch would fail, and nothing would be ordered.'
      : `The stock has subscriptions for ${orderable.toLocaleString()} of them only: ${orders(valid - orderable)} would fail.`;
  }
  if (stock.length !== 1) return 'The stock has enough subscriptions.';
  return `The stock has enough: ${amount(stock[0]!.available)} subscriptions.`;
}

function StockByType({ survey: { stock } }: { survey: BatchSurvey }) {
  return (
    <ul class="muted">
      {stock.map(({ profile_type: type, wanted, available }) => (
        <li key={type}>
          {type ?? 'Any type'}: {wanted.toLocaleString()} wanted, {amount(available)} in stock
        </li>
      ))}
    </ul>
  );
}

const amount = (count: number) => count.toLocaleString() + (count >= ITEM_LIMIT ? '+' : '');
