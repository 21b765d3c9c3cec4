import { Button, Group, Text, Textarea, VisuallyHidden } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as z from "zod";
import type { Versioned } from "../../api/investigation";
import { type Review, type Verdict, verdicts } from "../../api/review";
import { annotate, judge, withdraw } from "../../api/verdict";
import { receive } from "../../sync/known";
import { useDraft } from "../../sync/useDraft";
import { Segmented } from "../../ui/Segmented";
import { Instant } from "../../ui/time";
import own from "./review.module.css";
import { t } from "./texts";
import { VerdictTag } from "./VerdictTag";

type Props = { id: string; finding: string; review: Review | undefined; may: boolean };

/** What people say of a finding, and where one says it oneself. */
export function ReviewPanel({ id, finding, review, may }: Props) {
  const verdict = review?.verdict ?? null;
  const notes = review?.notes ?? [];
  if (!may && !verdict && notes.length === 0) return null;
  return (
    <section
      className={own.review}
      aria-label={t.review.title}
      data-noprint={(!verdict && notes.length === 0) || undefined}
    >
      <Text size="sm" fw={600}>
        {t.review.title}
      </Text>
      {verdict && (
        <div className={own.said}>
          <VerdictTag verdict={verdict.verdict} />
          <span>
            {verdict.reason}{" "}
            <Text span size="xs" c="dimmed">
              {verdict.by},{" "}
              <Text span size="xs">
                <Instant at={verdict.at} />
              </Text>
            </Text>
          </span>
        </div>
      )}
      {notes.map((note) => (
        <div key={note.seq} className={own.note}>
          <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
            {note.text}
          </Text>
          <Text size="xs" c="dimmed">
            {note.by},{" "}
            <Text span size="xs">
              <Instant at={note.at} />
            </Text>
          </Text>
        </div>
      ))}
      {may && <Form id={id} finding={finding} said={verdict} />}
    </section>
  );
}

type Act = { say: Verdict; reason: string } | { note: string } | "withdraw";

const typed = z.string();

function Form({ id, finding, said }: { id: string; finding: string; said: Review["verdict"] }) {
  const client = useQueryClient();
  const [choice, setChoice] = useState<Verdict | "note">(said ? "note" : "confirmed");
  const { value: text, set, forget } = useDraft(`review ${id} ${finding}`, typed, "");
  const act = useMutation({
    mutationFn: (what: Act) => {
      if (what === "withdraw") return withdraw(id, finding);
      return "note" in what ? annotate(id, finding, what.note) : judge(id, finding, what.say, what.reason);
    },
    onSuccess: (after: Versioned, what) => {
      receive(client, id, after);
      if (what === "withdraw") return;
      forget();
      setChoice("note");
    },
    onError: (error) =>
      notifications.show({ color: "red", title: t.review.failed, message: error.message, autoClose: 10_000 }),
  });
  const needed = choice !== "undecided";
  return (
    <form
      data-noprint
      className={own.reviewForm}
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate(choice === "note" ? { note: text } : { say: choice, reason: text });
      }}
    >
      <Segmented
        size="xs"
        value={choice}
        onChange={setChoice}
        options={[
          ...verdicts.map((verdict) => ({ value: verdict, label: t.review.verdict[verdict] })),
          { value: "note", label: t.review.note },
        ]}
        aria-label={t.review.choose}
      />
      <Textarea
        size="xs"
        autosize
        minRows={1}
        maxRows={8}
        maxLength={choice === "note" ? 4000 : 2000}
        value={text}
        onChange={(event) => {
          const now = event.currentTarget.value;
          set(() => now);
        }}
        aria-label={choice === "note" ? t.review.noteLabel : t.review.reason}
        placeholder={t.review.placeholder[choice]}
      />
      <Group gap="xs">
        <Button
          type="submit"
          size="xs"
          variant="default"
          loading={act.isPending && act.variables !== "withdraw"}
          disabled={needed && text.trim() === ""}
        >
          {choice === "note" ? t.review.add : t.review.save}
        </Button>
        {said && (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            loading={act.isPending && act.variables === "withdraw"}
            onClick={() => act.mutate("withdraw")}
          >
            {t.review.withdraw}
          </Button>
        )}
        {needed && text.trim() === "" && (
          <VisuallyHidden>{choice === "note" ? t.review.noteNeeded : t.review.reasonNeeded}</VisuallyHidden>
        )}
      </Group>
    </form>
  );
}
