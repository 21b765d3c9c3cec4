import "@fontsource-variable/inter/index.css";
import "./app/mantine.css";
import "./app/global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { queryClient } from "./app/queryClient";
import { prepare } from "./app/routes";

const root = document.getElementById("root");
if (!root) throw new Error("index.html holds no #root");

// the outline in index.html stays until there is something to draw, or it takes too long to wait for
const patience = new Promise((go) => setTimeout(go, 1000));
void Promise.race([prepare(queryClient).catch(() => undefined), patience]).then(() =>
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
