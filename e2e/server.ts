import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const program = resolve(import.meta.dirname, "../bin/olorin");

/** How long a command or a start of the server may take, in milliseconds. */
const patience = 60_000;

export interface Login {
  name: string;
  password: string;
}

export interface StartOptions {
  /** Added to the environment of every command and of the server. */
  env?: Record<string, string>;
  /** Size of a disk of its own, such as "32m", which can be filled. Only root can have one, where the machine lets it mount. */
  disk?: string;
}

interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * The built program with a database and a data directory of its own, on a port
 * that nobody else uses. It keeps directory and port over kill and restart.
 */
export class Server {
  /** Where everything that the program keeps lies; removed by {@link stop}. */
  readonly dir: string;
  /** The address of the server, without a slash at the end. */
  url = "";
  /** What the server has written to stderr since its first start. */
  log = "";
  /** The analyst that {@link start} adds. */
  readonly analyst: Login = { name: "analyst", password: "correct horse battery staple" };

  private readonly env: Record<string, string>;
  private process: ChildProcess | undefined;
  private mounted = false;

  private constructor(dir: string, env: Record<string, string>) {
    this.dir = dir;
    this.env = env;
  }

  /** Sets up a database with one analyst and serves it. */
  static async start(options: StartOptions = {}): Promise<Server> {
    if (!existsSync(program)) {
      throw new Error(`${program} is missing: run "make build" first`);
    }
    const dir = await mkdtemp(join(tmpdir(), "olorin-e2e-"));
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(OLORIN|WIZARD|DB|SQLALCHEMY|FEATURE|DATABASE)_/.test(name),
    );
    if (options.disk !== undefined) {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${options.disk}`, "olorin-e2e", dir], { stdio: "pipe" });
    }
    const server = new Server(dir, {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      DATABASE_URL: "sqlite:///olorin.db",
      OLORIN_DATA_DIR: join(dir, "data"),
      OLORIN_ADDR: "127.0.0.1:0",
      ...options.env,
    });
    server.mounted = options.disk !== undefined;
    try {
      await server.run(["migrate", "up"]);
      await server.addUser(server.analyst);
      await server.serve();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Runs a command of the program and gives what it prints; fails with its stderr where it fails. */
  async run(args: string[], stdin = ""): Promise<string> {
    const answer = await new Promise<Answer>((done, fail) => {
      const child = spawn(program, args, { cwd: this.dir, env: this.env, timeout: patience });
      const answer: Answer = { code: null, stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        answer.stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        answer.stderr += text;
      });
      child.on("error", fail);
      child.on("close", (code) => done({ ...answer, code }));
      child.stdin.on("error", () => {}); // a command that reads nothing may be gone already
      child.stdin.end(stdin);
    });
    if (answer.code !== 0) {
      throw new Error(`olorin ${args.join(" ")} exits with ${answer.code}:\n${answer.stderr}${answer.stdout}`);
    }
    return answer.stdout;
  }

  /** Adds a user whose password is known. */
  async addUser(user: Login, role = "analyst"): Promise<void> {
    await this.run(["user", "add", user.name, "--role", role, "--password-file", "-"], `${user.password}\n`);
  }

  /** Imports the sample data, with the planted frauds in proportion, as the analyst's data set "Sample shop". */
  async addSample(rows = 5_000): Promise<void> {
    await this.run(["demo", "--rows", String(rows)]);
  }

  /** Kills the server without a chance to say goodbye, and waits until it is gone. */
  async kill9(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Serves again, at the same address, what was served before; from then on with `env` added. */
  async restart(env: Record<string, string> = {}): Promise<void> {
    Object.assign(this.env, env);
    if (this.process !== undefined) {
      await this.end("SIGTERM");
    }
    await this.serve();
  }

  /** Fills the server's own disk to the last block, and gives how to make room again. */
  fill(): () => Promise<void> {
    const ballast = join(this.dir, "ballast");
    const file = openSync(ballast, "w");
    for (const chunk = Buffer.alloc(64 << 10); ; ) {
      try {
        writeSync(file, chunk);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOSPC") break;
        throw error;
      }
    }
    closeSync(file);
    return () => rm(ballast);
  }

  /** Ends the server and removes its directory. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
    if (this.mounted) execFileSync("umount", [this.dir]);
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  private async serve(): Promise<void> {
    const child = spawn(program, ["serve"], {
      cwd: this.dir,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    const url = await new Promise<string>((done, fail) => {
      const timer = setTimeout(() => {
        fail(new Error(`the server does not say where it listens:\n${printed}${this.log}`));
      }, patience);
      let printed = "";
      const read = (text: string) => {
        printed += text;
        const found = /listening on (http:\/\/\S+)/.exec(printed)?.[1];
        if (found !== undefined) {
          clearTimeout(timer);
          done(found.replace(/\/$/, ""));
        }
      };
      child.stdout.setEncoding("utf8").on("data", read);
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        this.log += text;
        read(text);
      });
      child.on("error", (error) => {
        clearTimeout(timer);
        fail(error);
      });
      child.on("exit", (code, signal) => {
        clearTimeout(timer);
        fail(new Error(`the server ends with ${code ?? signal} before it listens:\n${printed}${this.log}`));
      });
    });
    this.url = url;
    this.env.OLORIN_ADDR = new URL(url).host;
  }

  private async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    await new Promise<void>((done) => {
      const impatience = setTimeout(() => child.kill("SIGKILL"), 20_000);
      child.on("exit", () => {
        clearTimeout(impatience);
        done();
      });
      child.kill(signal);
    });
  }
}
