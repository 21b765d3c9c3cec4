package main

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/httpd"
)

type userCommand struct {
	Add     userAdd     `cmd:"" help:"Add a user."`
	List    userList    `cmd:"" help:"List the users."`
	Disable userDisable `cmd:"" help:"Lock a user out: logins, sessions and tokens, also those for scripts, are refused from now on."`
	Enable  userEnable  `cmd:"" help:"Let a user in again who was locked out."`
}

type userAdd struct {
	Name         string `arg:"" help:"Login name: 1 to 64 letters, digits, dots, dashes, underscores or @."`
	Role         string `enum:"analyst,lead,auditor,agent,admin" default:"analyst" help:"One of ${enum}."`
	PasswordFile string `help:"File whose first line is the password; - reads stdin. Without it a password is made and printed once." placeholder:"FILE"`
	Replace      bool   `help:"Give a user that exists this role and a new password, which ends the user's sessions."`
	JSON         bool   `help:"Print JSON."`
}

var loginName = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,64}$`)

// minPassword is the shortest password taken, in characters (NIST SP 800-63B asks for 8; a fraud tool asks for more).
const minPassword = 12

// Run adds the user, or says that the name is taken.
func (c *userAdd) Run(s *session) error {
	if !loginName.MatchString(c.Name) {
		return usage{fmt.Errorf("%q cannot be a login name: use 1 to 64 letters, digits, dots, dashes, underscores or @", c.Name)}
	}
	password, err := c.password()
	if err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	known, err := h.store.User(s.ctx, c.Name)
	if err == nil && !c.Replace {
		return fmt.Errorf("there is already a user %q; --replace gives it this role and a new password", c.Name)
	} else if err != nil && olorin.CodeOf(err) != olorin.CodeNotFound {
		return err
	}
	made := password == ""
	if made {
		password = rand.Text()
	}
	known.ID, known.Name, known.Role = c.Name, cmp.Or(known.Name, c.Name), olorin.Role(c.Role)
	if err := h.putUser(s, known, password); err != nil {
		return err
	}
	if c.JSON {
		user := map[string]string{"user": c.Name, "role": c.Role}
		if made {
			user["password"] = password
		}
		return s.printJSON(user)
	}
	if made {
		_, err = fmt.Fprintf(s.out, "user %s (%s), password: %s\n", c.Name, c.Role, password)
		return err
	}
	_, err = fmt.Fprintf(s.out, "user %s (%s)\n", c.Name, c.Role)
	return err
}

// password reads the password that is given, or "" where none is.
func (c *userAdd) password() (string, error) {
	var in io.Reader = os.Stdin
	switch c.PasswordFile {
	case "":
		return "", nil
	case "-":
	default:
		f, err := os.Open(c.PasswordFile)
		if err != nil {
			return "", usage{fmt.Errorf("password: %w", err)}
		}
		defer f.Close()
		in = f
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if len([]rune(line)) < minPassword {
		return "", usage{fmt.Errorf("the password has fewer than %d characters", minPassword)}
	}
	return line, nil
}

// putUser writes a user with a password, and its audit entry.
func (h *house) putUser(s *session, user olorin.User, password string) (err error) {
	if user.PasswordHash, err = httpd.HashPassword(password); err != nil {
		return err
	}
	user.CreatedAt = h.clock()
	return h.store.PutUser(s.ctx, user, h.userEntry("user.put", user.ID+" as "+string(user.Role)))
}

func (h *house) userEntry(action, detail string) olorin.AuditEntry {
	actor := administrator()
	return olorin.AuditEntry{At: h.clock(), Actor: actor, Origin: actor.Origin, Source: olorin.SourceSystem, Action: action, Detail: detail}
}

type userDisable struct {
	Name string `arg:"" help:"Login name."`
}

// Run locks the user out.
func (c *userDisable) Run(s *session) error { return s.lock(c.Name, true) }

type userEnable struct {
	Name string `arg:"" help:"Login name."`
}

// Run lets the user in again.
func (c *userEnable) Run(s *session) error { return s.lock(c.Name, false) }

// lock locks a user out, or lets a user in again.
func (s *session) lock(name string, out bool) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	user, err := h.store.User(s.ctx, name)
	if err != nil {
		return err
	}
	action, told := "user.enabled", "may log in"
	if out {
		action, told = "user.disabled", "is locked out; a running server refuses what is left of sessions and tokens within seconds"
	}
	if user.Disabled != out {
		user.Disabled = out
		if err := h.store.PutUser(s.ctx, user, h.userEntry(action, name)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(s.out, "user %s %s\n", name, told)
	return err
}

type userList struct {
	JSON bool `help:"Print JSON."`
}

// Run lists the users.
func (c *userList) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	users, err := h.store.Users(s.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(users)
	}
	for _, u := range users {
		state := "may log in"
		if u.Disabled {
			state = "locked out"
		}
		fmt.Fprintf(s.out, "%s\t%s\t%s\n", u.ID, u.Role, state)
	}
	return nil
}

type tokenCommand struct {
	User string        `required:"" help:"Whom the token speaks for." placeholder:"NAME"`
	TTL  time.Duration `name:"ttl" default:"1h" help:"How long it is valid, such as 30m or 24h."`
	JSON bool          `help:"Print JSON with the time it expires."`
}

// Run prints a bearer token.
func (c *tokenCommand) Run(s *session) error {
	if c.TTL < time.Second || c.TTL > 365*24*time.Hour {
		return usage{fmt.Errorf("--ttl %s is out of bounds; it must be 1s to 8760h", c.TTL)}
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	user, err := h.store.User(s.ctx, c.User)
	if err != nil {
		return err
	}
	if user.Disabled {
		return fmt.Errorf("user %q is disabled", c.User)
	}
	keys, err := s.keys(h.clock)
	if err != nil {
		return err
	}
	if !keys.CanSign() {
		return errors.New("this server signs no tokens: set OLORIN_JWT_SECRET")
	}
	token, expires, err := keys.Sign(user.ID, user.Role, "", c.TTL)
	if err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(map[string]any{"token": token, "expires_at": expires})
	}
	_, err = fmt.Fprintln(s.out, token)
	return err
}

// keys returns what signs and verifies tokens.
func (s *session) keys(clock olorin.Clock) (*httpd.Keys, error) {
	secret, err := s.jwtSecret()
	if err != nil {
		return nil, err
	}
	o := httpd.KeyOptions{Secret: secret, JWKSURL: s.config.JWTJWKSURL, Issuer: s.config.JWTIssuer, Audience: s.config.JWTAudience}
	if path := s.config.JWTPublicKeyFile; path != "" {
		if o.PublicKey, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("OLORIN_JWT_PUBLIC_KEY_FILE: %w", err)
		}
	}
	return httpd.NewKeys(o, clock)
}
