import type { Verdict } from "../../api/review";
import { Tag, type ToneName } from "../../ui/Tone";
import { t } from "./texts";

const tones: Record<Verdict, ToneName> = { confirmed: "failed", false_positive: "clear", undecided: "none" };

/** What was said of a finding. */
export const VerdictTag = ({ verdict }: { verdict: Verdict }) => (
  <Tag tone={tones[verdict]} dot>
    {t.review.verdict[verdict]}
  </Tag>
);
