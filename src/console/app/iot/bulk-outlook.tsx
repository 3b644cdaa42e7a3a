import { FileProblems } from '../components/file-problems.tsx';
import { Icon } from '../components/icon.tsx';
import { eUICCs } from './bulk-in-words.ts';
import type { BulkSurvey } from './types.ts';

/** What a survey has found that it would be about. */
export function BulkOutlook({ survey }: { survey: BulkSurvey }) {
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
