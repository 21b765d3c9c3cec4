import {
  Button,
  Checkbox,
  Collapse,
  Group,
  NumberInput,
  Skeleton,
  Stack,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { ChevronRight, CircleSlash, RotateCcw, SlidersHorizontal } from "lucide-react";
import { memo, useState } from "react";
import type { Param, Tool } from "../../api/agent";
import type { ToolChoice } from "../../api/investigation";
import { t } from "../../app/texts";
import { Tag } from "../../ui/Tone";
import { fieldId } from "./fault";
import classes from "./ToolMatrixField.module.css";
import { t as own } from "./texts";
import { type Chosen, change, chosen, type ShownAgent } from "./toolMatrix";

type Props = {
  agents: ShownAgent[] | undefined;
  value: ToolChoice[];
  /** Whether the catalogue was asked about a data set: only then is it known what can be assessed. */
  judged: boolean;
  onChange: (matrix: ToolChoice[]) => void;
  error: string | undefined;
  disabled: boolean;
};

/** Which checks run, per agent, and with which parameters. */
export function ToolMatrixField({ agents, value, judged, onChange, error, disabled }: Props) {
  if (!agents) return <Skeleton h={280} />;
  const set = (which: (agent: string, tool: string) => boolean, how: (now: Chosen) => Chosen) =>
    onChange(change(value, agents, which, how));
  const blind = new Set(
    agents.flatMap((a) => a.tools.filter((x) => !x.assessable).map((x) => `${a.agent}/${x.tool}`)),
  );
  return (
    <div id={fieldId("/settings/tool_matrix")} tabIndex={-1} className={classes.field}>
      {error && (
        <Text size="sm" c="var(--mantine-color-error)" mb="xs">
          {error}
        </Text>
      )}
      <Stack gap={0} className={classes.agents}>
        {agents
          .filter(({ tools }) => tools.length > 0)
          .map((agent) => (
            <AgentRows
              key={`${agent.agent} ${agent.absent}`}
              agent={agent}
              matrix={value}
              judged={judged || agent.absent === true}
              disabled={disabled}
              onSet={set}
            />
          ))}
      </Stack>
      {!disabled && (
        <Group gap="xs" mt="sm">
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              set(
                () => true,
                () => ({ enabled: true, params: {} }),
              )
            }
          >
            {t.tools.all}
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              set(
                () => true,
                (now) => ({ ...now, enabled: false }),
              )
            }
          >
            {own.tools.none}
          </Button>
          {judged && blind.size > 0 && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                const seeing = change(
                  value,
                  agents,
                  () => true,
                  (now) => ({ ...now, enabled: true }),
                );
                onChange(
                  change(
                    seeing,
                    agents,
                    (a, x) => blind.has(`${a}/${x}`),
                    (now) => ({ ...now, enabled: false }),
                  ),
                );
              }}
            >
              {t.tools.assessable}
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}

type Set = (which: (agent: string, tool: string) => boolean, how: (now: Chosen) => Chosen) => void;

function AgentRows({
  agent,
  matrix,
  judged,
  disabled,
  onSet,
}: {
  agent: ShownAgent;
  matrix: ToolChoice[];
  judged: boolean;
  disabled: boolean;
  onSet: Set;
}) {
  const [open, setOpen] = useState(false);
  const on = agent.tools.filter((x) => chosen(matrix, agent, x.tool).enabled).length;
  const all = agent.tools.length;
  const blind = judged ? agent.tools.filter((x) => !x.assessable).length : 0;
  return (
    <section className={classes.agent}>
      <div className={classes.agentHead}>
        <Checkbox
          aria-label={t.tools.whole(agent.title)}
          checked={on === all}
          indeterminate={on > 0 && on < all}
          disabled={disabled}
          onChange={() =>
            onSet(
              (a) => a === agent.agent,
              (now) => ({ ...now, enabled: on < all }),
            )
          }
        />
        <UnstyledButton className={classes.agentToggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className={classes.agentTitle}>
            <Text fw={600} size="sm" span>
              {agent.title}
            </Text>
            <Text size="xs" c="dimmed" span className={classes.agentText}>
              {agent.description}
            </Text>
          </span>
          {blind > 0 && <Tag tone="none">{agent.absent ? own.tools.absent : t.tools.blind(blind)}</Tag>}
          <Text size="xs" c="dimmed" className="tabular" span>
            {t.tools.on(on, all)}
          </Text>
          <ChevronRight size={16} aria-hidden className={classes.chevron} data-open={open || undefined} />
        </UnstyledButton>
      </div>
      <Collapse expanded={open}>
        {open &&
          agent.tools.map((tool) => (
            <ToolRow
              key={tool.tool}
              agent={agent.agent}
              tool={tool}
              now={chosen(matrix, agent, tool.tool)}
              judged={judged}
              disabled={disabled}
              onSet={onSet}
            />
          ))}
      </Collapse>
    </section>
  );
}

const ToolRow = memo(function ToolRow({
  agent,
  tool,
  now,
  judged,
  disabled,
  onSet,
}: {
  agent: string;
  tool: Tool;
  now: Chosen;
  judged: boolean;
  disabled: boolean;
  onSet: Set;
}) {
  const [open, setOpen] = useState(false);
  const changed = Object.keys(now.params).length > 0;
  const set = (how: (now: Chosen) => Chosen) => onSet((a, x) => a === agent && x === tool.tool, how);
  return (
    <div className={classes.tool} data-off={!now.enabled || undefined}>
      <Checkbox
        checked={now.enabled}
        disabled={disabled}
        label={tool.title}
        description={tool.description}
        onChange={() => set((c) => ({ ...c, enabled: !c.enabled }))}
        className={classes.toolCheck}
        styles={{ label: { fontWeight: 500 }, description: { marginTop: 2 } }}
      />
      <div className={classes.toolAside}>
        {judged && !tool.assessable && (
          <Text size="xs" className={classes.blind}>
            <CircleSlash size={13} aria-hidden /> {t.tools.notAssessed}
            {tool.reason ? `: ${tool.reason}` : ""}
          </Text>
        )}
        {tool.params.length > 0 && (
          <UnstyledButton
            className={classes.paramToggle}
            aria-label={own.paramsOf(t.tools.params(tool.params.length), tool.title)}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <SlidersHorizontal size={13} aria-hidden />
            {t.tools.params(tool.params.length)}
            {changed && ` · ${t.tools.changed}`}
          </UnstyledButton>
        )}
      </div>
      {open && (
        <fieldset className={classes.params} aria-label={t.tools.paramsOf(tool.title)}>
          {tool.params.map((param) => (
            <ParamInput
              key={param.name}
              param={param}
              value={now.params[param.name]}
              disabled={disabled || !now.enabled}
              onChange={(value) =>
                set((c) => {
                  const { [param.name]: _, ...rest } = c.params;
                  return { ...c, params: value === undefined ? rest : { ...rest, [param.name]: value } };
                })
              }
            />
          ))}
          {changed && !disabled && (
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<RotateCcw size={12} aria-hidden />}
              onClick={() => set((c) => ({ ...c, params: {} }))}
            >
              {t.tools.reset}
            </Button>
          )}
        </fieldset>
      )}
    </div>
  );
});

function ParamInput({
  param,
  value,
  disabled,
  onChange,
}: {
  param: Param;
  value: number | undefined;
  disabled: boolean;
  onChange: (value: number | undefined) => void;
}) {
  const unit = param.unit ? ` ${param.unit}` : "";
  return (
    <NumberInput
      size="xs"
      w={220}
      label={param.title}
      description={[
        t.tools.bounds(String(param.min), `${param.max}${unit}`),
        t.tools.defaultIs(`${param.default}`),
        param.reference,
      ]
        .filter(Boolean)
        .join(" · ")}
      min={param.min}
      max={param.max}
      clampBehavior="blur"
      suffix={unit}
      value={value ?? param.default}
      disabled={disabled}
      onChange={(next) => {
        if (typeof next !== "number" || next < param.min || next > param.max) return;
        onChange(next === param.default ? undefined : next);
      }}
    />
  );
}
