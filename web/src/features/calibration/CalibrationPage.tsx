import { Alert, Button, Checkbox, Group, Modal, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Info, Scale } from "lucide-react";
import { useState } from "react";
import * as z from "zod";
import {
  acceptWeights,
  type Calibration,
  type CheckCalibration,
  getCalibration,
} from "../../api/calibration";
import { useNames } from "../../sync/colleague";
import { useMe } from "../../sync/session";
import { type FormDraft, useDraft } from "../../sync/useDraft";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { formatShare } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { Tag } from "../../ui/Tone";
import { Instant } from "../../ui/time";
import { type Titles, useTitles } from "../../ui/useTitles";
import classes from "./calibration.module.css";
import { t } from "./texts";

const accepting = z.object({ tools: z.array(z.string()), reason: z.string() });
type Accepting = z.infer<typeof accepting>;

const keyOf = (check: CheckCalibration) => `${check.tool} ${check.tool_version}`;

/** What verdicts say of each check, and the weights that a lead may accept for it. */
export function CalibrationPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ["calibration"],
    queryFn: ({ signal }) => getCalibration(signal),
  });
  const titles = useTitles();
  const role = useMe().data?.role;
  const draft = useDraft("accept weights", accepting, { tools: [], reason: "" });
  const [asking, setAsking] = useState(false);
  if (error) return <LoadFailed error={error} onRetry={() => refetch()} />;
  if (!data) return <PageSkeleton />;
  const may = role === "lead" || role === "admin";
  const offered = data.items.filter((check) => check.suggested_weight !== null);
  const chosen = draft.value.tools.filter((tool) => offered.some((check) => check.tool === tool));
  return (
    <div className={classes.page}>
      <PageHeader title={t.title} lead={t.lead} />
      <Alert color="gray" icon={<Info size={18} aria-hidden />}>
        {data.statement}
      </Alert>
      <InForce weights={data.weights} />
      {data.items.length === 0 ? (
        <EmptyState icon={<Scale size={32} aria-hidden />} title={t.checks.none} hint={t.checks.noneHint} />
      ) : (
        <Section title={t.checks.title} hint={t.checks.hint}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className={classes.scroll} tabIndex={0} aria-label={t.checks.table}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{t.checks.check}</th>
                  <th scope="col">{t.checks.verdicts}</th>
                  <th scope="col">{t.checks.precision}</th>
                  <th scope="col" className={classes.right}>
                    {t.checks.weight}
                  </th>
                  <th scope="col">{t.checks.suggested}</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((check) => (
                  <Row
                    key={keyOf(check)}
                    check={check}
                    accepted={data.weights.tools[check.tool]}
                    titles={titles}
                    may={may}
                    chosen={chosen.includes(check.tool)}
                    onChoose={() =>
                      draft.set((now) => ({
                        ...now,
                        tools: chosen.includes(check.tool)
                          ? chosen.filter((tool) => tool !== check.tool)
                          : [...chosen, check.tool],
                      }))
                    }
                  />
                ))}
              </tbody>
            </table>
          </section>
          {offered.length > 0 && (
            <Group justify="flex-end" mt="md">
              {may ? (
                <Button disabled={chosen.length === 0} onClick={() => setAsking(true)}>
                  {t.accept.title(chosen.length)}
                </Button>
              ) : (
                <Text size="sm" c="dimmed">
                  {t.accept.leads}
                </Text>
              )}
            </Group>
          )}
        </Section>
      )}
      <Accept
        tools={chosen}
        draft={draft}
        base={data.weights.version}
        opened={asking}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

/** Which weights count now, and on whose word. */
function InForce({ weights }: { weights: Calibration["weights"] }) {
  const nameOf = useNames();
  return (
    <Section title={t.weights.title}>
      {weights.version === 0 ? (
        <Text size="sm">{t.weights.original}</Text>
      ) : (
        <>
          <Text size="sm" fw={600}>
            {t.weights.accepted(weights.version, nameOf(weights.by))}
            {weights.at && (
              <>
                {" · "}
                <Instant at={weights.at} />
              </>
            )}
          </Text>
          <Text size="sm">{weights.reason}</Text>
          <Text size="sm" c="dimmed">
            {t.weights.of(Object.keys(weights.tools).length)}
          </Text>
        </>
      )}
    </Section>
  );
}

type RowProps = {
  check: CheckCalibration;
  accepted: Calibration["weights"]["tools"][string] | undefined;
  titles: Titles;
  may: boolean;
  chosen: boolean;
  onChoose: () => void;
};

function Row({ check, accepted, titles, may, chosen, onChoose }: RowProps) {
  const title = check.title || titles.tool(check.tool);
  const taken = accepted?.tool_version === check.tool_version ? accepted.weight : null;
  return (
    <tr>
      <th scope="row">
        {title}
        <span className={classes.sub}>
          {titles.agent(check.agent)} · {check.tool}, {t.checks.version(check.tool_version)}
        </span>
      </th>
      <td className="tabular">
        {t.checks.said(check.confirmed, check.false_positive)}
        {check.undecided > 0 && <span className={classes.sub}>{t.checks.undecided(check.undecided)}</span>}
      </td>
      <td>
        <Precision check={check} weight={taken ?? check.weight} />
      </td>
      <td className={`${classes.right} tabular`}>
        {formatShare(taken ?? check.weight)}
        {taken !== null && (
          <span className={classes.sub}>
            <Tag tone="active">{t.checks.inForce}</Tag>
          </span>
        )}
      </td>
      <td>
        {check.suggested_weight === null ? (
          <span className={classes.sub}>{check.reason}</span>
        ) : (
          <Checkbox
            checked={chosen}
            onChange={onChoose}
            disabled={!may}
            label={<span className="tabular">{formatShare(check.suggested_weight)}</span>}
            description={check.reason}
            aria-label={t.checks.choose(title)}
          />
        )}
      </td>
    </tr>
  );
}

/** The precision with its interval on a line from 0 to 1, and the weight beside it. */
function Precision({ check, weight }: { check: CheckCalibration; weight: number }) {
  const { precision, interval } = check;
  if (precision === null || interval === null) return <span className={classes.sub}>{t.checks.none_}</span>;
  const [p, low, high] = [precision, interval.low, interval.high].map(formatShare);
  return (
    <div>
      <div
        className={classes.scale}
        role="img"
        aria-label={t.checks.chart(p ?? "", low ?? "", high ?? "", formatShare(weight))}
      >
        <span
          className={classes.span}
          style={{ left: `${100 * interval.low}%`, width: `${100 * (interval.high - interval.low)}%` }}
        />
        <span className={classes.dot} style={{ left: `${100 * precision}%` }} />
        <span className={classes.mark} style={{ left: `${100 * weight}%` }} />
      </div>
      <span className={`${classes.sub} tabular`}>{t.checks.share(p ?? "", low ?? "", high ?? "")}</span>
    </div>
  );
}

type AcceptProps = {
  tools: string[];
  draft: FormDraft<Accepting>;
  base: number;
  opened: boolean;
  onClose: () => void;
};

function Accept({ tools, draft, base, opened, onClose }: AcceptProps) {
  const client = useQueryClient();
  const { reason } = draft.value;
  const act = useMutation({
    mutationFn: () => acceptWeights(tools, base, reason.trim()),
    onSuccess: (weights) => {
      notifications.show({ message: t.accept.done(weights.version) });
      void client.invalidateQueries({ queryKey: ["calibration"] });
      draft.forget();
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t.accept.title(tools.length)} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
      >
        <Text size="sm" mb="sm">
          {t.accept.hint}
        </Text>
        <Textarea
          label={t.accept.reason}
          description={t.accept.reasonHint}
          value={reason}
          maxLength={1000}
          rows={3}
          onChange={(event) => {
            const reason = event.currentTarget.value;
            draft.set((now) => ({ ...now, reason }));
          }}
          data-autofocus
        />
        {act.error && (
          <Alert color="red" mt="sm" role="alert" title={t.accept.failed}>
            {act.error.message}
          </Alert>
        )}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t.accept.cancel}
          </Button>
          <Button type="submit" loading={act.isPending} disabled={reason.trim() === ""}>
            {t.accept.submit}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
