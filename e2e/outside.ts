import { expect } from "@playwright/test";
import { z } from "zod";
import type { Server } from "./server.ts";

const assignment = z.looseObject({ lease: z.string(), tool: z.string() });

/** What the server of a {@link Holder} needs in its environment: that work may stay under way for as long as a test takes. */
export const patientServer = { OLORIN_AGENT_LEASE_SECONDS: "600", OLORIN_AGENT_TIMEOUT_SECONDS: "600" };

/** An external agent whose checks stay under way until it is let go: a run stands exactly where a test wants it. */
export class Holder {
  /** The checks that it offers, for the settings of an investigation. */
  readonly checks: { agent: string; tool: string; enabled: boolean }[];

  private constructor(
    private readonly server: Server,
    private readonly token: string,
    name: string,
    tools: string[],
  ) {
    this.checks = tools.map((tool) => ({ agent: name, tool, enabled: true }));
  }

  static async register(server: Server, name: string, count: number): Promise<Holder> {
    await server.run(["user", "add", name, "--role", "agent"]);
    const tools = Array.from({ length: count }, (_, i) => `HOLD-${String(i + 1).padStart(2, "0")}`);
    const holder = new Holder(server, (await server.run(["token", "--user", name])).trim(), name, tools);
    const offers = tools.map((tool, i) => ({ tool, title: `Held check ${i + 1}`, version: 1, weight: 0.1, group: "held", baseline: "nothing" }));
    await holder.ask("PUT", "/registration", { title: "Held checks", tools: offers });
    return holder;
  }

  /** Takes the next check that a run asks for, and leaves it under way; gives its lease. */
  async take(): Promise<string> {
    const answer = await this.ask("POST", "/work", { wait_ms: 30_000 });
    expect(answer.status).toBe(200);
    return assignment.parse(await answer.json()).lease;
  }

  /** Reports of a check that nothing was found, or what else came of it. */
  async report(lease: string, outcome: object = { outcome: "clear" }): Promise<void> {
    await this.ask("PUT", `/work/${lease}/report`, outcome);
  }

  /** Lets the next checks of a run go by. */
  async pass(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.report(await this.take());
  }

  private async ask(method: string, path: string, body: object): Promise<Response> {
    const answer = await fetch(`${this.server.url}/api/v1/agent${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
    return answer;
  }
}
