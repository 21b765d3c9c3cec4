import { Button, Group, Skeleton, Switch, Text } from "@mantine/core";
import { X } from "lucide-react";
import { Suspense, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { Results } from "../../api/results";
import { later } from "../../ui/later";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { Select } from "../../ui/Select";
import { Tag } from "../../ui/Tone";
import { typeName } from "../../ui/useTitles";
import { type Edge, hubs, linkKey, linksByNode, type Node, pathBetween, visible } from "./graph";
import own from "./links.module.css";
import { Rows } from "./Rows";
import { usePrinting } from "./reading";
import classes from "./results.module.css";
import { t } from "./texts";
import { useSeen } from "./useSeen";

const LinkGraph = later(async () => (await import("./LinkGraph")).LinkGraph);

const portion = 12;
const drawable = 24;
/** What more than so many others are tied to is a hub: shared by so many, it says little of any two. */
const hubDegree = 12;
const none: ReadonlySet<string> = new Set();

/** How many links are told on paper, those of the entities that most findings name. */
const onPaper = 40;

/** Which entities occur together: a drawing to explore, and a list that tells the same. */
export function Links({ id, graph }: { id: string; graph: Results["graph"] }) {
  const [search, setSearch] = useSearchParams();
  const [around, setAround] = useState(false);
  const [opened, setOpened] = useState<ReadonlySet<string>>(none);
  const [ends, setEnds] = useState<{ from: string | null; to: string | null }>({ from: null, to: null });
  const [limit, setLimit] = useState(portion);
  const [box, seen] = useSeen<HTMLDivElement>();
  const printing = usePrinting();

  const many = useMemo(() => hubs(graph, hubDegree), [graph]);
  const hidden = around ? many : none;
  const asked = ends.from !== null && ends.to !== null && ends.from !== ends.to;
  const way = useMemo(
    () =>
      ends.from && ends.to && ends.from !== ends.to ? pathBetween(graph, ends.from, ends.to, hidden) : null,
    [graph, ends, hidden],
  );
  const path = useMemo(() => new Set((way ?? []).map(linkKey)), [way]);
  const drawn = useMemo(() => {
    const needed = new Set((way ?? []).flatMap((edge) => [edge.source, edge.target]));
    return visible(graph, drawable, opened, needed, hidden);
  }, [graph, opened, way, hidden]);
  const more = useMemo(() => {
    const there = new Set(drawn.nodes.map((node) => node.id));
    const open = graph.edges.flatMap(({ source, target }) => {
      if (there.has(source) && !there.has(target) && !hidden.has(target)) return [source];
      return there.has(target) && !there.has(source) && !hidden.has(source) ? [target] : [];
    });
    return new Set(open);
  }, [graph, drawn, hidden]);

  const named = search.get("link");
  const selected = graph.edges.find((edge) => linkKey(edge) === named) ?? null;
  const select = (edge: Edge | null) => {
    const next = new URLSearchParams(search);
    if (edge) next.set("link", linkKey(edge));
    else next.delete("link");
    setSearch(next, { replace: true, preventScrollReset: true });
  };

  const groups = linksByNode(
    graph.nodes.filter((node) => !hidden.has(node.id)),
    graph.edges,
  );
  const flat = groups.flatMap(({ node, links }) => links.map((link) => ({ node, ...link })));
  const shown = printing ? flat.slice(0, onPaper) : flat.slice(0, limit);
  const heads = groups.filter(({ node }) => shown.some((link) => link.node === node));
  const choices = graph.nodes.map((node) => ({
    value: node.id,
    label: `${node.value} (${typeName(node.type)})`,
  }));

  return (
    <Section title={t.sections.links} hint={t.links.hint} id="links">
      {graph.edges.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.links.none}
        </Text>
      ) : (
        <>
          <Group gap="sm" mb="sm" align="flex-end" data-noprint>
            <Select
              size="xs"
              w={210}
              label={t.links.from}
              placeholder={t.links.choose}
              data={choices}
              value={ends.from}
              onChange={(from) => setEnds({ ...ends, from })}
              searchable
              clearable
              clearButtonProps={{ "aria-label": t.links.clear }}
            />
            <Select
              size="xs"
              w={210}
              label={t.links.to}
              placeholder={t.links.choose}
              data={choices}
              value={ends.to}
              onChange={(to) => setEnds({ ...ends, to })}
              searchable
              clearable
              clearButtonProps={{ "aria-label": t.links.clear }}
            />
            {many.size > 0 && (
              <Switch
                size="xs"
                mb={6}
                label={t.links.hideHubs(many.size)}
                description={t.links.hubsHint(hubDegree)}
                checked={around}
                onChange={(event) => setAround(event.currentTarget.checked)}
              />
            )}
            {opened.size > 0 && (
              <Button size="compact-xs" variant="subtle" mb={4} onClick={() => setOpened(none)}>
                {t.links.reset}
              </Button>
            )}
          </Group>
          {asked && <Way way={way} from={ends.from ?? ""} nodes={graph.nodes} onLink={select} />}
          <div className={own.links}>
            <div ref={box} className={own.graphBox} data-noprint>
              {seen ? (
                <Suspense fallback={<Skeleton height={440} />}>
                  <LinkGraph
                    graph={drawn}
                    path={path}
                    selected={selected}
                    more={more}
                    label={t.links.drawing(drawn.nodes.length)}
                    onLink={select}
                    onNode={(node) => setOpened(new Set(opened).add(node.id))}
                  />
                </Suspense>
              ) : (
                <Skeleton height={440} />
              )}
              <ul className={own.shapes} aria-label={t.links.shapes}>
                {[...new Set(drawn.nodes.map((node) => node.type))].map((type) => (
                  <li key={type}>
                    <i data-type={type} /> {typeName(type)}
                  </li>
                ))}
              </ul>
              <Text size="xs" c="dimmed" ta="center" mt={4}>
                {t.links.drawn(drawn.nodes.length, graph.nodes.length)} {t.links.how}
              </Text>
            </div>
            <div>
              {selected && (
                <Explained id={id} edge={selected} nodes={graph.nodes} onClose={() => select(null)} />
              )}
              <ul className={own.linkList}>
                {heads.map(({ node }) => (
                  <li key={node.id}>
                    <div className={own.linkHead}>
                      <span className={classes.entityType}>{typeName(node.type)}</span>
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
                            <span className={classes.entityType}>{typeName(other.type)}</span> {other.value}{" "}
                            <button
                              type="button"
                              className={classes.explain}
                              aria-label={t.links.explainOf(
                                t.links.rows(formatCount(edge.count)),
                                node.value,
                                other.value,
                              )}
                              onClick={() => select(edge)}
                            >
                              {t.links.rows(formatCount(edge.count))}
                            </button>
                          </li>
                        ))}
                    </ul>
                  </li>
                ))}
              </ul>
              {printing && shown.length < flat.length && (
                <Text size="xs" c="dimmed">
                  {t.links.unprinted(flat.length - shown.length)}
                </Text>
              )}
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
          </div>
        </>
      )}
    </Section>
  );
}

/** The way between two entities, link by link. */
function Way({
  way,
  from,
  nodes,
  onLink,
}: {
  way: Edge[] | null;
  from: string;
  nodes: readonly Node[];
  onLink: (edge: Edge) => void;
}) {
  if (!way) {
    return (
      <Text size="sm" mb="sm" role="status">
        {t.links.noWay}
      </Text>
    );
  }
  const nameOf = (id: string) => nodes.find((node) => node.id === id)?.value ?? id;
  let at = from;
  return (
    <p className={own.way} role="status">
      {t.links.way(way.length)} <strong>{nameOf(from)}</strong>
      {way.map((edge) => {
        at = edge.source === at ? edge.target : edge.source;
        return (
          <span key={linkKey(edge)}>
            {" "}
            <button type="button" className={classes.explain} onClick={() => onLink(edge)}>
              {t.links.rows(formatCount(edge.count))}
            </button>{" "}
            <strong>{nameOf(at)}</strong>
          </span>
        );
      })}
    </p>
  );
}

/** Why two entities are linked: the rows that hold both. */
function Explained({
  id,
  edge,
  nodes,
  onClose,
}: {
  id: string;
  edge: Edge;
  nodes: readonly Node[];
  onClose: () => void;
}) {
  const nameOf = (node: string) => nodes.find(({ id }) => id === node)?.value ?? node;
  const [a, b] = [nameOf(edge.source), nameOf(edge.target)];
  return (
    <section className={own.explained} aria-label={t.links.explained(a, b)}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb={6}>
        <Text size="sm" role="status">
          {t.links.because(a, b, formatCount(edge.count))}
          {edge.rows.length < edge.count && ` ${t.links.firstRows(edge.rows.length)}`}
        </Text>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={<X size={12} aria-hidden />}
          onClick={onClose}
          data-noprint
        >
          {t.links.close}
        </Button>
      </Group>
      <Rows key={linkKey(edge)} id={id} numbers={edge.rows} label={t.links.explained(a, b)} />
    </section>
  );
}
