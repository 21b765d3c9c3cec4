import { Alert, Button, Checkbox, Group, List, Modal, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Info, Scale } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import * as z from "zod";
import {
  type Acceptance,
  acceptWeights,
  type Calibration,
  type CheckCalibration,
  getCalibration,
} from "../../api/calibration";
import { useNames } from "../../sync/colleague";
import { useMe } from "../../sync/session";
import { type FormDraft, useDraft } from "../../sync/useDraft";
import { LoadFailed } from "../../ui/Broken";
import cards from "../../ui/cards.module.css";
import { EmptyState } from "../../ui/EmptyState";
import { formatShare } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { Tag } from "../../ui/Tone";
import { Instant } from "../../ui/time";
import { type Titles, useTitles } from "../../ui/useTitles";
import classes from "./calibration.module.css";
import { Reliable } from "./Reliable";
import { t } from "./texts";

const names = z.array(z.string()).default([]);
const accepting = z.object({ tools: names, promote: names, demote: names, reason: z.string() });
type Accepting = z.infer<typeof accepting>;
type Kind = "tools" | "promote" | "demote";

const keyOf = (check: CheckCalibration) => `${check.tool} ${check.tool_version}`;

/** What verdicts say of each check, and the weights that a lead may accept for it. */
export function CalibrationPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ["calibration"],
    queryFn: ({ signal }) => getCalibration(signal),
  });
  const titles = useTitles();
  const role = useMe().data?.role;
  const draft = useDraft("accept weights", accepting, { tools: [], promote: [], demote: [], reason: "" });
  const [asking, setAsking] = useState(false);
  if (error) return <LoadFailed error={error} onRetry={() => refetch()} />;
  if (!data) return <PageSkeleton />;
  const may = role === "lead" || role === "admin";
  const offers: Record<Kind, (check: CheckCalibration) => boolean> = {
    tools: (check) => check.suggested_weight !== null,
    promote: (check) => check.promotion.proposed,
    demote: (check) => check.promotion.ruling === "block",
  };
  /** What is chosen and still offered. */
  const chosen = (kind: Kind) =>
    draft.value[kind].filter((tool) =>
      data.items.some((check) => check.tool === tool && offers[kind](check)),
    );
  const choice = {
    tools: chosen("tools"),
    promote: chosen("promote"),
    demote: chosen("demote"),
    reason: draft.value.reason,
  };
  const n = choice.tools.length + choice.promote.length + choice.demote.length;
  // those of the most verdicts, which alone have something to offer, first
  const items = data.items.toSorted((a, b) => b.labelled - a.labelled);
  const offered = data.items.some((check) => Object.values(offers).some((offer) => offer(check)));
  return (
    <div className={classes.page}>
      <PageHeader title={t.title} lead={t.lead} />
      <Alert color="gray" icon={<Info size={18} aria-hidden />}>
        {data.statement}
      </Alert>
      <InForce weights={data.weights} titles={titles} />
      {data.items.length === 0 ? (
        <EmptyState
          icon={<Scale size={32} aria-hidden />}
          title={t.checks.none}
          hint={t.checks.noneHint}
          action={
            <Button component={Link} to="/?status=completed" variant="default">
              {t.checks.toResults}
            </Button>
          }
        />
      ) : (
        <Section title={t.checks.title} hint={t.checks.hint}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className={classes.scroll} tabIndex={0} aria-label={t.checks.table}>
            <table className={`${classes.table} ${cards.cards}`}>
              <thead>
                <tr>
                  <th scope="col">{t.checks.check}</th>
                  <th scope="col">{t.checks.verdicts}</th>
                  <th scope="col">{t.checks.precision}</th>
                  <th scope="col" className={classes.right}>
                    {t.checks.weight}
                  </th>
                  <th scope="col">{t.checks.suggested}</th>
                  <th scope="col">{t.checks.brings}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((check) => (
                  <Row
                    key={keyOf(check)}
                    check={check}
                    accepted={data.weights.tools[check.tool]}
                    titles={titles}
                    may={may}
                    chosen={(kind) => choice[kind].includes(check.tool)}
                    onChoose={(kind) =>
                      draft.set((now) => ({
                        ...now,
                        [kind]: choice[kind].includes(check.tool)
                          ? choice[kind].filter((tool) => tool !== check.tool)
                          : [...choice[kind], check.tool],
                      }))
                    }
                  />
                ))}
              </tbody>
            </table>
          </section>
          {offered && (
            <Group justify="flex-end" mt="md">
              {may ? (
                <Button disabled={n === 0} onClick={() => setAsking(true)}>
                  {t.accept.title(n)}
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
      <Reliable reliability={data.reliability} />
      <Accept
        choice={choice}
        changes={changes(choice, data.items, titles)}
        draft={draft}
        base={data.weights.version}
        opened={asking}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

/** Which weights count now, and on whose word. */
function InForce({ weights, titles }: { weights: Calibration["weights"]; titles: Titles }) {
  const blocking = Object.keys(weights.blocking);
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
          {blocking.length > 0 && (
            <Text size="sm">{t.weights.blocking(blocking.map(titles.tool).join(", "))}</Text>
          )}
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
  chosen: (kind: Kind) => boolean;
  onChoose: (kind: Kind) => void;
};

function Row({ check, accepted, titles, may, chosen, onChoose }: RowProps) {
  const title = check.title || titles.tool(check.tool);
  const taken = accepted?.tool_version === check.tool_version ? accepted.weight : null;
  const weight = taken ?? check.weight;
  return (
    <tr>
      <th scope="row">
        {title}
        <span className={classes.sub}>
          {titles.agent(check.agent)} · {check.tool}, {t.checks.version(check.tool_version)}
        </span>
      </th>
      <td className={`${classes.said} tabular`} data-label={t.checks.verdicts}>
        {t.checks.said(check.confirmed, check.false_positive)}
        {check.undecided > 0 && <span className={classes.sub}>{t.checks.undecided(check.undecided)}</span>}
      </td>
      <td className={cards.whole} data-label={t.checks.precision}>
        <Precision check={check} weight={weight} />
      </td>
      <td className={`${classes.right} tabular`} data-label={t.checks.weight}>
        {weight > 0 ? formatShare(weight) : t.checks.unknown}
        {taken !== null && (
          <span className={classes.sub}>
            <Tag tone="active">{t.checks.inForce}</Tag>
          </span>
        )}
      </td>
      <td data-label={t.checks.suggested}>
        {check.suggested_weight === null ? (
          <span className={classes.sub}>{check.reason}</span>
        ) : (
          <Checkbox
            checked={chosen("tools")}
            onChange={() => onChoose("tools")}
            disabled={!may}
            label={<span className="tabular">{formatShare(check.suggested_weight)}</span>}
            description={check.reason}
            aria-label={t.checks.choose(title)}
          />
        )}
      </td>
      <td data-label={t.checks.brings}>
        <Brings check={check} title={title} may={may} chosen={chosen} onChoose={onChoose} />
      </td>
    </tr>
  );
}

/** Whether a finding of the check is reviewed or blocks, and what a lead may make of that. */
function Brings({
  check: { promotion },
  title,
  may,
  chosen,
  onChoose,
}: Pick<RowProps, "check" | "may" | "chosen" | "onChoose"> & { title: string }) {
  const { ruling, proposed, reason } = promotion;
  const blocks = ruling === "block";
  const kind = blocks ? "demote" : "promote";
  return (
    <>
      <Tag tone={blocks ? "critical" : "none"}>{t.checks.ruling[ruling]}</Tag>
      {blocks || proposed ? (
        <Checkbox
          mt={6}
          checked={chosen(kind)}
          onChange={() => onChoose(kind)}
          disabled={!may}
          label={t.checks[kind]}
          description={reason}
          aria-label={blocks ? t.checks.demoteCheck(title) : t.checks.promoteCheck(title)}
        />
      ) : (
        <span className={classes.sub}>{reason}</span>
      )}
    </>
  );
}

/** What the chosen changes come to, one line each. */
function changes(choice: Acceptance, items: CheckCalibration[], titles: Titles): string[] {
  const weightOf = (tool: string) =>
    items.find((check) => check.tool === tool && check.suggested_weight !== null)?.suggested_weight ?? 0;
  return [
    ...choice.tools.map((tool) => t.accept.weighs(titles.tool(tool), formatShare(weightOf(tool)))),
    ...choice.promote.map((tool) => t.accept.blocks(titles.tool(tool))),
    ...choice.demote.map((tool) => t.accept.reviews(titles.tool(tool))),
  ];
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
        aria-label={t.checks.chart(
          p ?? "",
          low ?? "",
          high ?? "",
          weight > 0 ? formatShare(weight) : t.checks.unknown,
        )}
      >
        <span
          className={classes.span}
          style={{ left: `${100 * interval.low}%`, width: `${100 * (interval.high - interval.low)}%` }}
        />
        <span className={classes.dot} style={{ left: `${100 * precision}%` }} />
        {weight > 0 && <span className={classes.mark} style={{ left: `${100 * weight}%` }} />}
      </div>
      <span className={`${classes.sub} tabular`}>{t.checks.share(p ?? "", low ?? "", high ?? "")}</span>
    </div>
  );
}

type AcceptProps = {
  choice: Acceptance;
  /** What is accepted, in words. */
  changes: string[];
  draft: FormDraft<Accepting>;
  base: number;
  opened: boolean;
  onClose: () => void;
};

function Accept({ choice, changes, draft, base, opened, onClose }: AcceptProps) {
  const client = useQueryClient();
  const { reason } = draft.value;
  const act = useMutation({
    mutationFn: () => acceptWeights({ ...choice, reason: reason.trim() }, base),
    onSuccess: (weights) => {
      notifications.show({ message: t.accept.done(weights.version) });
      void client.invalidateQueries({ queryKey: ["calibration"] });
      void client.invalidateQueries({ queryKey: ["rankings"] });
      draft.forget();
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t.accept.title(changes.length)} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
      >
        <List size="sm" mb="sm">
          {changes.map((change) => (
            <List.Item key={change}>{change}</List.Item>
          ))}
        </List>
        <Text size="sm" c="dimmed" mb="sm">
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
