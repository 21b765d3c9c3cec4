import { Button, Text } from "@mantine/core";
import { useState } from "react";
import type { Results } from "../../api/results";
import { t as words } from "../../app/texts";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { Tag } from "../../ui/Tone";
import { spellOut } from "../../ui/useTitles";
import { rowRanges } from "./evidence";
import { heaviest, linksByNode, type Node, place } from "./graph";
import classes from "./results.module.css";
import { t } from "./texts";

const portion = 12;
const drawable = 24;
const entityWords: Record<string, string> = words.entityType;
const typeOf = (node: Node) => entityWords[node.type] ?? spellOut(node.type);

/** Which entities occur together, as a list; where there are few enough, as a drawing too. */
export function Links({ graph }: { graph: Results["graph"] }) {
  const [limit, setLimit] = useState(portion);
  const groups = linksByNode(graph.nodes, graph.edges);
  const flat = groups.flatMap(({ node, links }) => links.map((link) => ({ node, ...link })));
  const shown = flat.slice(0, limit);
  const drawn = heaviest(graph, drawable);
  const heads = groups.filter(({ node }) => shown.some((link) => link.node === node));
  return (
    <Section title={t.sections.links} hint={t.links.hint} id="links">
      {flat.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.links.none}
        </Text>
      ) : (
        <div className={classes.links}>
          <div>
            <ul className={classes.linkList}>
              {heads.map(({ node }) => (
                <li key={node.id}>
                  <div className={classes.linkHead}>
                    <span className={classes.entityType}>{typeOf(node)}</span>
                    <strong>{node.value}</strong>
                    {node.primary && <Tag tone="active">{t.links.investigated}</Tag>}
                    {node.findings > 0 && (
                      <span className={classes.dim}>{t.links.findings(node.findings)}</span>
                    )}
                  </div>
                  <ul>
                    {shown
                      .filter((link) => link.node === node)
                      .map(({ other, edge }) => (
                        <li key={other.id}>
                          <span className={classes.dim}>{t.links.with}</span>{" "}
                          <span className={classes.entityType}>{typeOf(other)}</span> {other.value}
                          <span className={classes.dim}>
                            {" "}
                            · {t.links.rows(formatCount(edge.count))}
                            {edge.rows.length > 0 && (
                              <>
                                {" "}
                                ({rowRanges([...edge.rows].sort((a, b) => a - b).slice(0, 8))}
                                {edge.count > Math.min(8, edge.rows.length) && ", …"})
                              </>
                            )}
                          </span>
                        </li>
                      ))}
                  </ul>
                </li>
              ))}
            </ul>
            {shown.length < flat.length && (
              <Button
                variant="default"
                size="xs"
                mt="sm"
                onClick={() => setLimit(limit + 10 * portion)}
                data-noprint
              >
                {t.links.more(flat.length - shown.length)}
              </Button>
            )}
          </div>
          <div>
            <Drawing graph={drawn} />
            {drawn.nodes.length < graph.nodes.length && (
              <Text size="xs" c="dimmed" ta="center">
                {t.links.partly(drawn.nodes.length, graph.nodes.length)}
              </Text>
            )}
          </div>
        </div>
      )}
    </Section>
  );
}

function Drawing({ graph }: { graph: Results["graph"] }) {
  const placed = place(graph.nodes, 50, 112);
  const at = new Map(placed.map((p) => [p.node.id, p]));
  const most = Math.max(...graph.edges.map((edge) => edge.count), 1);
  return (
    <svg
      viewBox="-245 -245 490 490"
      className={classes.drawing}
      role="img"
      aria-label={t.links.drawing(graph.nodes.length)}
    >
      {graph.edges.map((edge) => {
        const a = at.get(edge.source);
        const b = at.get(edge.target);
        return (
          a &&
          b && (
            <line
              key={`${edge.source} ${edge.target}`}
              x1={a.x}
              y1={a.y}
              x2={b.x}
              y2={b.y}
              strokeWidth={1 + (3 * edge.count) / most}
            />
          )
        );
      })}
      {placed.map(({ node, x, y, ring }) => (
        <g key={node.id} transform={`translate(${x} ${y})`} data-primary={node.primary || undefined}>
          <title>{`${typeOf(node)} ${node.value}`}</title>
          <circle r={node.primary ? 9 : 5 + Math.min(4, node.findings / 4)} />
          {ring === "outer" ? (
            <text
              dominantBaseline="central"
              textAnchor={x < 0 ? "end" : "start"}
              transform={`rotate(${outward(x, y)})`}
              x={x < 0 ? -14 : 14}
            >
              {shorten(node.value)}
            </text>
          ) : (
            <text y={above(x, y) ? -14 : 22} textAnchor="middle" className={classes.innerName}>
              {shorten(node.value)}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}

/** Whether the name of an inner node stands above it: names side by side would run into one another. */
const above = (x: number, y: number) => y < -1 || (y < 1 && x < -1);

/** The turn, in degrees, that lets a name on the outer ring point away from the middle and stand upright. */
function outward(x: number, y: number): number {
  const degrees = (Math.atan2(y, x) * 180) / Math.PI;
  return x < 0 ? degrees + 180 : degrees;
}

const shorten = (value: string) => (value.length > 18 ? `${value.slice(0, 8)}…${value.slice(-7)}` : value);
