import cytoscape from "cytoscape";
import { useEffect, useRef } from "react";
import type { Results } from "../../api/results";
import { type Edge, linkKey, type Node, spots } from "./graph";
import own from "./links.module.css";

type Props = {
  graph: Results["graph"];
  /** Keys of the links that stand out. */
  path: ReadonlySet<string>;
  selected: Edge | null;
  /** Nodes that have more links than are drawn. */
  more: ReadonlySet<string>;
  label: string;
  onLink: (edge: Edge) => void;
  onNode: (node: Node) => void;
};

/** So many letters stand beside a node, where there is room and where there is little: the drawing shrinks until they fit. */
const lengths = { wide: 20, narrow: 12 };

const shorten = (value: string, most: number) =>
  value.length > most ? `${value.slice(0, most / 2 - 1)}…${value.slice(2 - most / 2)}` : value;

/** The drawing of the links; the list beside it tells the same. */
export function LinkGraph({ graph, path, selected, more, label, onLink, onNode }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<cytoscape.Core | null>(null);
  const acts = useRef({ onLink, onNode, graph });
  acts.current = { onLink, onNode, graph };

  useEffect(() => {
    const container = box.current;
    if (!container) return;
    const cy = cytoscape({ container, minZoom: 0.3, maxZoom: 3, userZoomingEnabled: false });
    drawn.current = cy;
    cy.on("tap", "edge", (event) => {
      const edge = acts.current.graph.edges.find((e) => linkKey(e) === event.target.id());
      if (edge) acts.current.onLink(edge);
    });
    cy.on("tap", "node", (event) => {
      const node = acts.current.graph.nodes.find((n) => n.id === event.target.id());
      if (node) acts.current.onNode(node);
    });
    const colour = () => cy.style(styleOf(container));
    colour();
    const scheme = new MutationObserver(colour);
    scheme.observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
    const resized = new ResizeObserver(() => {
      cy.resize();
      cy.fit(undefined, 12);
    });
    resized.observe(container);
    return () => {
      scheme.disconnect();
      resized.disconnect();
      cy.destroy();
      drawn.current = null;
    };
  }, []);

  useEffect(() => {
    const cy = drawn.current;
    if (!cy) return;
    const most = Math.max(...graph.edges.map((edge) => edge.count), 1);
    const at = spots(graph, cy.width(), cy.height());
    cy.elements().remove();
    cy.add([
      ...graph.nodes.map((node) => ({
        data: {
          id: node.id,
          label:
            shorten(node.value, cy.width() < 480 ? lengths.narrow : lengths.wide) +
            (more.has(node.id) ? " +" : ""),
          size: 12 + 2 * Math.min(8, node.findings),
        },
        classes: `${node.primary ? "primary" : ""} ${node.type} ${at.get(node.id)?.side ?? ""}`,
        position: { x: at.get(node.id)?.x ?? 0, y: at.get(node.id)?.y ?? 0 },
      })),
      ...graph.edges.map((edge) => ({
        data: {
          id: linkKey(edge),
          source: edge.source,
          target: edge.target,
          width: 1 + (4 * edge.count) / most,
        },
      })),
    ]);
    cy.fit(undefined, 12);
  }, [graph, more]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn anew has lost its marks
  useEffect(() => {
    const cy = drawn.current;
    if (!cy) return;
    const lit = new Set(path);
    cy.edges().forEach((edge) => {
      edge.toggleClass("path", lit.has(edge.id()));
      edge.toggleClass("selected", selected !== null && edge.id() === linkKey(selected));
    });
  }, [path, selected, graph, more]);

  return <div ref={box} className={own.graph} role="img" aria-label={label} />;
}

/** The colours of the theme, which a canvas cannot take from CSS by itself. */
function styleOf(element: HTMLElement): cytoscape.StylesheetStyle[] {
  const probe = document.createElement("span");
  probe.style.setProperty("transition", "none", "important"); // or the colour read is the one that it comes from
  element.append(probe);
  const colour = (value: string) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const text = colour("var(--mantine-color-text)");
  const line = colour("light-dark(#b9c3d3, #4a5669)");
  const paper = colour("var(--paper)");
  const style: cytoscape.StylesheetStyle[] = [
    {
      selector: "node",
      style: {
        width: "data(size)",
        height: "data(size)",
        label: "data(label)",
        "font-size": 12,
        "font-family": "Inter Variable, system-ui, sans-serif",
        color: text,
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-outline-color": paper,
        "text-outline-width": 2,
        "min-zoomed-font-size": 6,
        "background-color": colour("light-dark(#8aa9ec, #4a6fb8)"),
        "border-width": 2,
        "border-color": paper,
      },
    },
    {
      selector: "node.right",
      style: { "text-halign": "right", "text-valign": "center", "text-margin-x": 5, "text-margin-y": 0 },
    },
    {
      selector: "node.left",
      style: { "text-halign": "left", "text-valign": "center", "text-margin-x": -5, "text-margin-y": 0 },
    },
    ...shapes.map(([type, shape]) => ({ selector: `node.${type}`, style: { shape } })),
    {
      selector: "node.primary",
      style: {
        "background-color": colour("light-dark(#264ca6, #9dbaf5)"),
        "font-weight": 600,
        "font-size": 13,
      },
    },
    {
      selector: "edge",
      // bent, for nodes stand in columns: a straight line would run through those between its ends
      style: {
        width: "data(width)",
        "line-color": line,
        "curve-style": "unbundled-bezier",
        "control-point-distances": 28,
        "control-point-weights": 0.5,
      },
    },
    { selector: "edge.path", style: { "line-color": colour("light-dark(#d3620d, #f08c45)"), "z-index": 5 } },
    {
      selector: "edge.selected",
      style: { "line-color": colour("light-dark(#c8281e, #f26d63)"), "z-index": 6 },
    },
  ];
  probe.remove();
  return style;
}

const shapes = [
  ["device_id", "round-rectangle"],
  ["ip_address", "diamond"],
  ["card_number", "rectangle"],
  ["email", "round-pentagon"],
  ["phone_number", "pentagon"],
  ["merchant_id", "hexagon"],
] as const;
