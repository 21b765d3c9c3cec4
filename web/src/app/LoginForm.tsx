import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/problem";
import { logIn, type Me } from "../api/session";
import { t } from "./texts";

type Props = { username?: string; onDone: (me: Me) => void };

/** Name and password. `username` fixes the name where a known user logs in again. */
export function LoginForm({ username, onDone }: Props) {
  const [name, setName] = useState(username ?? "");
  const [password, setPassword] = useState("");
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const login = useMutation({ mutationFn: () => logIn(name.trim(), password), onSuccess: onDone });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() && password) login.mutate();
      }}
    >
      <Stack gap="sm">
        {login.error && (
          <Alert color="red" role="alert" title={t.login.failed}>
            {login.error instanceof ApiError && login.error.status === 401
              ? t.login.wrong
              : login.error.message}
          </Alert>
        )}
        <TextInput
          label={t.login.name}
          name="username"
          autoComplete="username"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          disabled={username !== undefined}
          ref={username === undefined ? first : undefined}
          required
        />
        <PasswordInput
          label={t.login.password}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          ref={username === undefined ? undefined : first}
          data-autofocus
          required
        />
        <Button type="submit" fullWidth mt="xs" loading={login.isPending}>
          {t.login.submit}
        </Button>
      </Stack>
    </form>
  );
}
