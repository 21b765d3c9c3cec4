import { Table, Text } from "@mantine/core";
import type { TemplateSave } from "../../api/template";
import { changedFields, describe, type Names } from "./describe";
import classes from "./templates.module.css";
import { t } from "./texts";
import { useCalled } from "./useCalled";

type Props = { from: TemplateSave; to: TemplateSave; fromTitle: string; toTitle: string };

/** What differs between two templates, in words. */
export function differing(from: TemplateSave, to: TemplateSave, names: Names) {
  const asked = (of: TemplateSave) => of.placeholders.map((p) => p.pointer);
  const texts: [string, (of: TemplateSave) => string][] = [
    [t.name, (of) => of.name],
    [t.description, (of) => of.description],
    [t.tags, (of) => of.tags.join(", ")],
    [t.scope, (of) => t.scopes[of.scope]],
    [t.ask, (of) => of.placeholders.map((p) => p.label).join(", ")],
  ];
  return [
    ...texts.map(([label, text]) => ({ label, was: [text(from)], is: [text(to)] })),
    ...changedFields(from.settings, to.settings).map((field) => ({
      label: t.field[field],
      was: describe(from.settings, field, names, asked(from)),
      is: describe(to.settings, field, names, asked(to)),
    })),
  ].filter(({ was, is }) => was.join("\n") !== is.join("\n"));
}

/** What differs between two templates, side by side. */
export function Difference({ from, to, fromTitle, toTitle }: Props) {
  const rows = differing(from, to, useCalled());
  if (rows.length === 0) return <Text size="sm">{t.changesNothing}</Text>;
  return (
    <Table mt="xs" className={classes.sets}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th />
          <Table.Th>{fromTitle}</Table.Th>
          <Table.Th>{toTitle}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ label, was, is }) => (
          <Table.Tr key={label}>
            <Table.Th scope="row">{label}</Table.Th>
            {[was, is].map((lines, side) => (
              <Table.Td key={side === 0 ? "was" : "is"} className={classes.wrap}>
                {lines.map((line) => (
                  <Text size="sm" key={line}>
                    {line || t.empty}
                  </Text>
                ))}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
