import { Collapse, NumberInput, Radio, SimpleGrid, Stack, Text, UnstyledButton } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import { memo, useId, useState } from "react";
import type { Agent } from "../../api/agent";
import { type Scoring, scoreForms } from "../../api/investigation";
import { t as app } from "../../app/texts";
import { shareWords } from "../../ui/scoring";
import { Choice } from "./Choice";
import { fieldId } from "./fault";
import classes from "./ScoreFields.module.css";
import { exampleScore, found } from "./scoreExample";
import { t } from "./texts";

type Props = {
  value: Scoring;
  agents: Agent[];
  onChange: (value: Scoring) => void;
  error: string | undefined;
  disabled: boolean;
};

const points = (score: number) => String(Math.round(10 * score) / 10);

/** How findings add up to the score, told by the same two findings in each form, and what each agent counts in it. */
export const ScoreFields = memo(function ScoreFields({ value, agents, onChange, error, disabled }: Props) {
  const title = (id: string) => agents.find(({ agent }) => agent === id)?.title ?? id;
  return (
    <Stack gap="sm">
      <Radio.Group
        id={fieldId("/settings/scoring")}
        label={t.scoring.label}
        description={t.scoring.example(
          title("identity"),
          points(100 * found.identity),
          title("network"),
          points(100 * found.network),
        )}
        error={error}
        value={value.form}
        onChange={(chosen) => {
          const form = scoreForms.find((name) => name === chosen);
          if (form) onChange({ ...value, form });
        }}
      >
        <SimpleGrid cols={{ base: 1, md: 3 }} spacing="xs" mt={8}>
          {scoreForms.map((form) => (
            <Choice
              key={form}
              value={form}
              label={app.scoring.form[form]}
              detail={t.scoring.detail[form](points(exampleScore({ ...value, form })))}
              disabled={disabled}
            />
          ))}
        </SimpleGrid>
      </Radio.Group>
      {agents.length > 0 && (
        <AgentWeights value={value} agents={agents} title={title} onChange={onChange} disabled={disabled} />
      )}
    </Stack>
  );
});

function AgentWeights({
  value,
  agents,
  title,
  onChange,
  disabled,
}: Omit<Props, "error"> & { title: (agent: string) => string }) {
  const panel = useId();
  const weights = value.agent_weights;
  const inPart = Object.keys(weights).length > 0;
  const [open, setOpen] = useState(inPart);

  function weigh(agent: string, percent: number) {
    const { [agent]: _, ...others } = weights;
    onChange({ ...value, agent_weights: percent === 100 ? others : { ...others, [agent]: percent / 100 } });
  }

  return (
    <div>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={16} className={classes.chevron} data-open={open || undefined} aria-hidden />
        <Text size="sm" fw={500} span>
          {t.scoring.weights}
        </Text>
        <Text size="xs" c="dimmed" span>
          {inPart ? shareWords(value, title) : t.scoring.inFull}
        </Text>
      </UnstyledButton>
      <Collapse expanded={open} id={panel} keepMounted={false}>
        <Text size="xs" c="dimmed" mb="xs">
          {t.scoring.weightsHint}
        </Text>
        <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
          {agents.map(({ agent, title: name }) => (
            <NumberInput
              key={agent}
              id={fieldId(`/settings/scoring/agent_weights/${agent}`)}
              label={name}
              suffix=" %"
              min={0}
              max={100}
              step={10}
              clampBehavior="strict"
              allowDecimal={false}
              size="xs"
              value={Math.round(100 * (weights[agent] ?? 1))}
              disabled={disabled}
              onChange={(percent) => typeof percent === "number" && weigh(agent, percent)}
            />
          ))}
        </SimpleGrid>
      </Collapse>
    </div>
  );
}
