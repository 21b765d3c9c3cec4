import { ActionIcon, Group, Menu, Text } from "@mantine/core";
import { ArrowLeft, ArrowRight, Footprints } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Investigation } from "../../api/investigation";
import type { Step } from "../../api/status";
import { t as app } from "../../app/texts";
import { Instant } from "../../ui/time";
import { moved, trailOf, walked } from "./stepTrail";
import { t } from "./texts";

/** Back and forward through the steps that were visited, also before this page was opened. */
export function StepWalk({ state, step }: { state: Investigation; step: Step }) {
  const navigate = useNavigate();
  const id = state.investigation_id;
  const [trail, setTrail] = useState(() => trailOf(state.step_history, step));
  useEffect(() => setTrail((now) => walked(now, step)), [step]);
  const reachable = (to: Step | undefined) =>
    to !== undefined && (to === "settings" || state.status !== "draft");

  const arrow = (by: -1 | 1) => {
    const to = trail.visited[trail.at + by];
    const Icon = by < 0 ? ArrowLeft : ArrowRight;
    const words = by < 0 ? t.trail.back : t.trail.forward;
    const label = to ? words(app.step[to]) : by < 0 ? t.trail.noBack : t.trail.noForward;
    return (
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        title={label}
        disabled={!reachable(to)}
        onClick={() => {
          setTrail(moved(trail, by));
          navigate(`/investigations/${id}/${to}`);
        }}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    );
  };

  return (
    <Group gap={2} wrap="nowrap">
      {arrow(-1)}
      {arrow(1)}
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t.trail.visited} title={t.trail.visited}>
            <Footprints size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t.trail.visited}</Menu.Label>
          {state.step_history
            .slice(-12)
            .reverse()
            .map((visit, i) => (
              <Menu.Item
                key={`${visit.at} ${visit.step}`}
                component={Link}
                to={`/investigations/${id}/${visit.step}`}
                disabled={!reachable(visit.step)}
                rightSection={
                  <Text span size="xs" c="dimmed">
                    <Instant at={visit.at} />
                  </Text>
                }
              >
                <Text size="sm" span>
                  {app.step[visit.step]}
                  {i === 0 && ` · ${t.trail.now}`}
                </Text>
              </Menu.Item>
            ))}
          <Menu.Divider />
          <Menu.Item component={Link} to={`/investigations/${id}/trail`}>
            {t.trail.saved}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
