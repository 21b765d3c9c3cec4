package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// The proxies wait as long as they do by themselves: nginx for 60 s of silence, haproxy, which has no limit of its own, for the 50 s that it
// is packaged with.
const (
	nginxConfig = `
daemon off; master_process off; pid %[1]s/nginx.pid; error_log stderr;
events {}
http {
	access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
	server {
		listen 127.0.0.1:%[2]s;
		location / {
			proxy_pass http://%[3]s;
			proxy_http_version 1.1;
			proxy_set_header Host $http_host;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection $connection_upgrade;
		}
	}
}`
	haproxyConfig = `
global
	maxconn 200
defaults
	mode http
	timeout connect 5s
	timeout client 50s
	timeout server 50s
frontend in
	bind 127.0.0.1:%[2]s
	default_backend olorin
backend olorin
	server one %[3]s
`
)

// silence is how many beats of the streams are waited for: 70 s, longer than either proxy allows.
const silence = 7

func TestFollowingBehindProxies(t *testing.T) {
	t.Parallel() // it waits, while the scripts work
	for name, p := range map[string]struct {
		config string
		args   []string
	}{
		"nginx":   {nginxConfig, []string{"-e", "stderr", "-c"}},
		"haproxy": {haproxyConfig, []string{"-db", "-f"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(name)
			if err != nil {
				program = "/usr/sbin/" + name
			}
			if _, err := os.Stat(program); err != nil {
				lacks(t, name, "make proxies")
			}
			b := newBench(t)
			dir, port := t.TempDir(), freePort(t)
			file := filepath.Join(dir, "proxy.conf")
			if err := os.WriteFile(file, fmt.Appendf(nil, p.config, dir, port, strings.TrimPrefix(b.url, "http://")), 0o600); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			cmd := exec.Command(program, append(p.args, file)...)
			cmd.Stderr = &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
			url := "http://127.0.0.1:" + port
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
				if w, err := http.Get(url + "/healthz"); err == nil {
					w.Body.Close()
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("the proxy does not come up: %s", log.String())
				}
			}
			b.livesThroughSilence(t, url)
			f := follow(t, url, url, b.id, b.token)
			b.do("POST", "start", "")
			f.holds(b.finish(func(int) {}))
		})
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// livesThroughSilence has nothing happen on a stream of each kind for longer than the proxy would allow, and wants the next event on it.
func (b *bench) livesThroughSilence(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	version, _ := b.do("GET", "state", "")
	path := fmt.Sprintf("%s/api/v1/wizard/%s", url, b.id)
	auth := http.Header{"Authorization": {"Bearer " + b.token}}
	socket, _, err := websocket.Dial(ctx, fmt.Sprintf("%s/ws?cursor=%d", path, version), &websocket.DialOptions{HTTPHeader: auth})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow() //nolint:errcheck // the server is killed after it
	frames := make(chan string)
	go func() {
		defer close(frames)
		for {
			_, frame, err := socket.Read(ctx)
			if err != nil {
				return
			}
			if bytes.Contains(frame, []byte(`"type":"event"`)) {
				frames <- string(frame)
				return
			}
		}
	}()
	r, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/events?cursor=%d", path, version), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = auth
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	lines := bufio.NewScanner(w.Body)
	for beats, saved := 0, false; lines.Scan(); {
		switch line := lines.Text(); {
		case line == ": still here":
			if beats++; beats == silence && !saved {
				saved = true
				b.do("PUT", "state", `{"name":"After the silence"}`)
			}
		case strings.HasPrefix(line, "id: "):
			if !saved || line != fmt.Sprint("id: ", version+1) {
				t.Fatalf("%q comes after %d beats", line, beats)
			}
			if frame, ok := <-frames; !ok || !strings.Contains(frame, fmt.Sprintf(`"seq":%d`, version+1)) {
				t.Errorf("on the WebSocket comes %q %v", frame, ok)
			}
			return
		}
	}
	t.Fatalf("the stream broke off: %v", lines.Err())
}
