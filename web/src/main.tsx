import "@fontsource-variable/inter/index.css";
import "@mantine/core/styles.css";
import "./app/global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { queryClient } from "./app/queryClient";
import { meQuery } from "./sync/session";

void queryClient.prefetchQuery(meQuery); // who is there is asked before anything is drawn

const root = document.getElementById("root");
if (!root) throw new Error("index.html holds no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
