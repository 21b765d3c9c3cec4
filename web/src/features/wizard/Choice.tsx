import { Radio, Text } from "@mantine/core";
import classes from "./Choice.module.css";

/** One of several ways, with what it means for the case at hand. */
export function Choice({
  value,
  label,
  detail,
  disabled,
}: {
  value: string;
  label: string;
  detail: string;
  disabled: boolean;
}) {
  return (
    <Radio.Card value={value} className={classes.choice} disabled={disabled} p="sm" radius="md">
      <div className={classes.inner}>
        <Radio.Indicator disabled={disabled} size="xs" mt={3} />
        <div>
          <Text size="sm" fw={550}>
            {label}
          </Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {detail}
          </Text>
        </div>
      </div>
    </Radio.Card>
  );
}
