import {
  Alert,
  Button,
  FileInput,
  Group,
  Modal,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import * as z from "zod";
import { entityTypes } from "../../api/entity";
import { importList, type KnownList, type ListWords, listKinds } from "../../api/list";
import { ApiError } from "../../api/problem";
import { useDraft } from "../../sync/useDraft";
import { formatCount } from "../../ui/number";
import { t } from "./texts";

const entered = z.object({
  name: z.string(),
  kind: z.enum(listKinds),
  entity_type: z.string(),
  source: z.string(),
  license: z.string(),
  source_date: z.string(),
}) satisfies z.ZodType<ListWords>;

const blank: ListWords = {
  name: "",
  kind: "bad",
  entity_type: "user_id",
  source: "",
  license: "",
  source_date: "",
};

/** Brings a list, with what has to be known of it. */
export function ImportDialog({ lists, onClose }: { lists: KnownList[]; onClose: () => void }) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const draft = useDraft("list", entered, blank);
  const words = draft.value;
  const bring = useMutation({
    mutationFn: (chosen: File) => importList({ ...words, name: words.name.trim() || chosen.name }, chosen),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["lists"] });
      notifications.show({
        message: t.form.done(made.name, formatCount(made.values), formatCount(made.rejected)),
      });
      draft.forget();
      onClose();
    },
  });
  const set = (change: Partial<ListWords>) => draft.set((known) => ({ ...known, ...change }));
  // Networks are VPNs, and first digits are of cards: the kind leaves no choice of the type.
  const bound = words.kind === "vpn" ? "ip_address" : words.kind === "bin" ? "card_number" : null;
  const name = (words.name.trim() || file?.name) ?? "";
  const taken = lists.find((list) => list.name.toLowerCase() === name.toLowerCase());

  function submit(event: FormEvent) {
    event.preventDefault();
    if (file) bring.mutate(file);
  }

  return (
    <Modal opened onClose={onClose} title={t.form.title} size="lg" centered>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <FileInput
            label={t.form.file}
            placeholder={t.form.filePlaceholder}
            accept=".txt,.csv,.tsv,text/plain,text/csv"
            value={file}
            onChange={setFile}
            required
            data-autofocus
          />
          <TextInput
            label={t.name}
            description={t.form.nameHint}
            placeholder={file?.name ?? ""}
            maxLength={200}
            value={words.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          {taken && (
            <Text size="sm" role="status">
              {t.form.replaces(taken.name)}
            </Text>
          )}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label={t.form.kind}
              data={listKinds.map((kind) => ({ value: kind, label: t.kinds[kind] }))}
              value={words.kind}
              allowDeselect={false}
              onChange={(value) => {
                const kind = listKinds.find((known) => known === value) ?? "bad";
                const type =
                  kind === "vpn" ? "ip_address" : kind === "bin" ? "card_number" : words.entity_type;
                set({ kind, entity_type: type });
              }}
            />
            <Select
              label={t.form.type}
              data={entityTypes.map((type) => ({ value: type, label: t.types[type] ?? type }))}
              value={bound ?? words.entity_type}
              disabled={bound !== null}
              allowDeselect={false}
              onChange={(type) => type && set({ entity_type: type })}
            />
            <TextInput
              label={t.form.source}
              required
              maxLength={200}
              value={words.source}
              onChange={(event) => set({ source: event.currentTarget.value })}
            />
            <TextInput
              label={t.form.license}
              placeholder={t.form.licenseHint}
              maxLength={200}
              value={words.license}
              onChange={(event) => set({ license: event.currentTarget.value })}
            />
            <TextInput
              type="date"
              label={t.form.date}
              description={t.form.dateHint}
              value={words.source_date}
              onChange={(event) => set({ source_date: event.currentTarget.value })}
            />
          </SimpleGrid>
          {bring.error && (
            <Alert color="red" role="alert" title={t.form.failed}>
              {bring.error.message}
              {bring.error instanceof ApiError &&
                bring.error.faults.map((fault) => <div key={fault.pointer + fault.code}>{fault.detail}</div>)}
            </Alert>
          )}
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t.form.cancel}
            </Button>
            <Button type="submit" loading={bring.isPending} disabled={!file || words.source.trim() === ""}>
              {t.form.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
