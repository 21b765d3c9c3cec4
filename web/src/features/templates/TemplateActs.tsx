import { ActionIcon, Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Copy, Download, EllipsisVertical, Pencil, Trash2 } from "lucide-react";
import { Link, useNavigate } from "react-router";
import { ApiError } from "../../api/problem";
import type { Me } from "../../api/session";
import {
  deleteTemplate,
  duplicateTemplate,
  getTemplate,
  type TemplateRow,
  toFile,
  undeleteTemplate,
} from "../../api/template";
import { writes } from "../../sync/rights";
import { useMe } from "../../sync/session";
import { fileNameOf, saveAs } from "../../ui/save";
import { tellUndoable } from "../../ui/undo";
import { t } from "./texts";

/** Its owner changes a template, as do leads and admins; nobody a built-in one. */
export const mayChange = ({ built_in, user_id }: TemplateRow, me: Me) =>
  !built_in && writes(me.role) && (user_id === me.id || me.role === "lead" || me.role === "admin");

/** What a person may do with a template; deleting can be undone. */
export function useTemplateActs(template: TemplateRow) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const me = useMe().data;
  const refresh = () => client.invalidateQueries({ queryKey: ["templates"] });
  const fail = (error: Error) =>
    notifications.show({
      color: "red",
      title: t.failed,
      message:
        error instanceof ApiError && error.code === "template_limit" ? (
          <>
            {t.limit} <Link to="/templates?mine=true">{t.limitShow}</Link>
          </>
        ) : (
          error.message
        ),
      autoClose: 10_000,
    });

  const undo = useMutation({
    mutationFn: () => undeleteTemplate(template.template_id),
    onSuccess: () => {
      void refresh();
      notifications.show({ message: t.restored });
    },
    onError: fail,
  });
  const remove = useMutation({
    mutationFn: () => deleteTemplate(template.template_id),
    onSuccess: () => {
      void refresh();
      navigate("/templates");
      tellUndoable(t.removed(template.name), () => undo.mutateAsync());
    },
    onError: fail,
  });
  const copy = useMutation({
    mutationFn: () => duplicateTemplate(template.template_id),
    onSuccess: (made) => {
      void refresh();
      notifications.show({ message: t.duplicated(made.name) });
      navigate(`/templates/${made.template_id}`);
    },
    onError: fail,
  });
  const take = useMutation({
    mutationFn: () => getTemplate(template.template_id),
    onSuccess: (whole) =>
      saveAs(`${fileNameOf(whole.name)}.template.json`, "application/json", toFile(whole)),
    onError: fail,
  });

  return {
    mayChange: me ? mayChange(template, me) : false,
    mayCopy: writes(me?.role),
    edit: () => navigate(`/templates/${template.template_id}/edit`),
    duplicate: () => copy.mutate(),
    duplicating: copy.isPending,
    remove: () => remove.mutate(),
    bringBack: () => undo.mutate(),
    bringing: undo.isPending,
    exportFile: () => take.mutate(),
  };
}

/** Takes back that a template was deleted. */
export function BringBack({ template }: { template: TemplateRow }) {
  const acts = useTemplateActs(template);
  return (
    <Button size="xs" variant="default" loading={acts.bringing} onClick={acts.bringBack}>
      {t.bringBack}
    </Button>
  );
}

/** The acts as a menu. */
export function TemplateMenu({ template }: { template: TemplateRow }) {
  const acts = useTemplateActs(template);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${t.title}: ${template.name}`}>
          <EllipsisVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {acts.mayChange && (
          <Menu.Item leftSection={<Pencil size={15} aria-hidden />} onClick={acts.edit}>
            {t.edit}
          </Menu.Item>
        )}
        {acts.mayCopy && (
          <Menu.Item leftSection={<Copy size={15} aria-hidden />} onClick={acts.duplicate}>
            {t.duplicate}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Download size={15} aria-hidden />} onClick={acts.exportFile}>
          {t.exported}
        </Menu.Item>
        {acts.mayChange && (
          <Menu.Item color="red" leftSection={<Trash2 size={15} aria-hidden />} onClick={acts.remove}>
            {t.remove}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
