package main

import (
	"bufio"
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
	Add userAdd `cmd:"" help:"Add a user."`
}

type userAdd struct {
	Name         string `arg:"" help:"Login name: 1 to 64 letters, digits, dots, dashes, underscores or @."`
	Role         string `enum:"analyst,lead,auditor,agent,admin" default:"analyst" help:"One of ${enum}."`
	PasswordFile string `help:"File whose first line is the password; - reads stdin. Without it a password is made and printed once." placeholder:"FILE"`
	Replace      bool   `help:"Give a user that exists this role and a new password."`
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
	if _, err := h.store.User(s.ctx, c.Name); err == nil && !c.Replace {
		return fmt.Errorf("there is already a user %q; --replace gives it this role and a new password", c.Name)
	} else if err != nil && olorin.CodeOf(err) != olorin.CodeNotFound {
		return err
	}
	made := password == ""
	if made {
		password = rand.Text()
	}
	if err := h.putUser(s, c.Name, olorin.Role(c.Role), password); err != nil {
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

// putUser writes a user with its audit entry.
func (h *house) putUser(s *session, name string, role olorin.Role, password string) error {
	hash, err := httpd.HashPassword(password)
	if err != nil {
		return err
	}
	now := h.clock()
	actor := administrator()
	return h.store.PutUser(s.ctx, olorin.User{ID: name, Name: name, Role: role, PasswordHash: hash, CreatedAt: now},
		olorin.AuditEntry{At: now, Actor: actor, Origin: actor.Origin, Source: olorin.SourceSystem, Action: "user.put", Detail: name + " as " + string(role)})
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
