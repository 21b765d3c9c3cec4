import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { Link, MemoryRouter, Route, Routes, useNavigate } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { useArrival } from "./useArrival";

afterEach(cleanup);

function Page({ to }: { to: string }) {
  useArrival();
  const navigate = useNavigate();
  return (
    <>
      <Link to={to}>{to}</Link>
      <button type="button" onClick={() => navigate(-1)}>
        back
      </button>
    </>
  );
}

test("a page that a link leads to is seen from its top; one that is come back to, or of which a place is named, is not", () => {
  const scrolled = vi.fn();
  vi.stubGlobal("scrollTo", scrolled);
  render(
    <MemoryRouter initialEntries={["/a"]}>
      <Routes>
        <Route path="/a" element={<Page to="/b" />} />
        <Route path="/b" element={<Page to="/a#place" />} />
      </Routes>
    </MemoryRouter>,
  );
  expect(scrolled).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("link", { name: "/b" }));
  expect(scrolled).toHaveBeenCalledExactlyOnceWith(0, 0);
  fireEvent.click(screen.getByRole("link", { name: "/a#place" }));
  fireEvent.click(screen.getByRole("button", { name: "back" }));
  expect(screen.getByRole("link", { name: "/a#place" })).toBeTruthy();
  expect(scrolled).toHaveBeenCalledOnce();
});
