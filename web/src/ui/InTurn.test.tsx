import { render, screen } from "@testing-library/react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { InTurn } from "./InTurn";

const parts = (
  <InTurn first={2} rest={(left) => <i>{left} to come</i>}>
    {["a", "b", "c", "d", "e"].map((part) => (
      <b key={part}>{part}</b>
    ))}
  </InTurn>
);

test("what fills the screen is drawn first, then all; a page that is opened later is drawn at once", async () => {
  history.replaceState(null, "", "/#timeline");
  expect(renderToStaticMarkup(parts)).toBe("<b>a</b><b>b</b><b>c</b><b>d</b><b>e</b>");
  history.replaceState(null, "", "/");
  expect(renderToStaticMarkup(parts)).toBe("<b>a</b><b>b</b><i>3 to come</i>");
  render(parts);
  await screen.findByText("e");
  expect(screen.queryByText(/to come/)).toBeNull();
  expect(renderToStaticMarkup(parts)).not.toContain("to come");
});
