import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  parseThemeColor,
  type VariantColorsResolver,
} from "@mantine/core";
import { t } from "./texts";

/** The one accent: an ink blue that keeps 4.5:1 on white at 6 and on the dark ground at 4. */
const ink: MantineColorsTuple = [
  "#eef3ff",
  "#dbe5fb",
  "#b4c8f3",
  "#8aa9ec",
  "#6f94e8",
  "#4169cc",
  "#2f5cc4",
  "#264ca6",
  "#1f3f8a",
  "#17306c",
];

/** Cool greys, so that light ground and paper differ without borders everywhere. */
const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#eff1f5",
  "#e3e6ec",
  "#d2d7e0",
  "#b3bac7",
  "#8a93a3",
  "#646d7e",
  "#49515f",
  "#2f3642",
  "#1b2029",
];

const dark: MantineColorsTuple = [
  "#d8dee9",
  "#b6bfce",
  "#98a2b3",
  "#6b7688",
  "#3b4453",
  "#2c3440",
  "#202732",
  "#181d26",
  "#12161d",
  "#0c0f14",
];

/** Light variants as a breath of their colour on paper, in both themes; their text, and white on red, keeps 4.5:1. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const plain = defaultVariantColorsResolver(input);
  if (input.variant === "filled" && input.color === "red") {
    return { ...plain, background: "#c22a22", hover: "#a8211a", color: "#fff" };
  }
  if (input.variant !== "light") return plain;
  const color = parseThemeColor({ color: input.color ?? input.theme.primaryColor, theme: input.theme });
  const of = (shade: number) =>
    color.isThemeColor ? `var(--mantine-color-${color.color}-${shade})` : color.value;
  const ground = (light: number, dark: number) =>
    `light-dark(color-mix(in srgb, ${of(6)} ${light}%, #fff), color-mix(in srgb, ${of(5)} ${dark}%, #181d26))`;
  return {
    ...plain,
    background: ground(10, 18),
    hover: ground(16, 26),
    color: `light-dark(color-mix(in srgb, ${of(9)} 75%, #000), ${of(2)})`,
    border: "1px solid transparent",
  };
};

export const theme = createTheme({
  variantColorResolver,
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 5 },
  colors: { ink, gray, dark },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.25" },
      h2: { fontSize: "1.125rem", lineHeight: "1.3" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.35" },
    },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", allowDeselect: false } },
    NumberInput: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, multiline: true, maw: 340 } },
    // the header of a dialog is no second banner of the page
    Modal: {
      defaultProps: {
        closeButtonProps: { "aria-label": t.close },
        attributes: { header: { role: "presentation" } },
      },
      styles: { title: { fontSize: "1rem", fontWeight: 620 }, content: { padding: 0 } },
    },
    Alert: { defaultProps: { closeButtonLabel: t.close } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": t.close } } },
    // as a style, which a dialog, itself a Paper, can undo: a default for p goes before all styles
    Paper: {
      defaultProps: { withBorder: true },
      styles: { root: { padding: "var(--mantine-spacing-lg)" } },
    },
    Table: { defaultProps: { verticalSpacing: "var(--row-gap, 8px)", horizontalSpacing: 12 } },
  },
});

/** Mantine's dimmed and error texts are below 4.5:1 on our grounds; these are not. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5a6373",
    "--mantine-color-error": "#c02626",
    "--mantine-color-placeholder": "#6c7585",
    "--mantine-color-anchor": "#2a54b8",
    "--ground": "#f4f6f9",
    "--paper": "#ffffff",
    "--line": "#e0e4eb",
  },
  dark: {
    "--mantine-color-body": "#181d26",
    "--mantine-color-dimmed": "#9aa5b6",
    "--mantine-color-error": "#ff8f8f",
    "--mantine-color-placeholder": "#8f99a9",
    "--mantine-color-anchor": "#8fb0f5",
    "--ground": "#10141a",
    "--paper": "#181d26",
    "--line": "#2a323e",
  },
});

/** public/early.js reads the same key before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "olorin-color-scheme" });
