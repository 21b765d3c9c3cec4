package olorin

import (
	"errors"
	"fmt"
	"strings"
)

// Code is the stable machine word for a kind of error. Clients may switch on it; messages may change.
type Code string

// The codes that the domain raises. The HTTP status of each is in httpd/error.go.
const (
	CodeNotFound          Code = "not_found"
	CodeForbidden         Code = "forbidden"
	CodeUnauthenticated   Code = "unauthenticated"
	CodeInvalid           Code = "invalid"
	CodeIllegalTransition Code = "illegal_transition"
	CodeSettingsFrozen    Code = "settings_frozen"
	CodeServerOwned       Code = "server_owned"
	CodeStale             Code = "stale_version"
	CodeConflict          Code = "version_conflict"
	CodeExists            Code = "already_exists"
	CodeTooLarge          Code = "too_large"
	CodeDatasetInUse      Code = "dataset_in_use"
	CodeDatasetInvalid    Code = "dataset_invalid"
	CodeLeaseLost         Code = "lease_lost"
	CodeUnavailable       Code = "unavailable"
	CodeCorrupt           Code = "corrupt"
	CodeIdempotency       Code = "idempotency_mismatch"
	CodeRateLimited       Code = "rate_limited"
	CodeFeatureDisabled   Code = "feature_disabled"
	CodeNameTaken         Code = "name_taken"
	CodeTemplateLimit     Code = "template_limit"
	CodeNotEmpty          Code = "not_empty"
	CodeEngineFailed      Code = "engine_failed"
	CodeImportTimeout     Code = "import_timeout"
)

// Fault is one thing wrong with an input, at a JSON pointer such as "/settings/entities/0/value".
type Fault struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// PointerTo writes a member's name as a reference token of a JSON pointer (RFC 6901), no more than the start of a long one.
func PointerTo(name string) string { return pointerEscapes.Replace(Clip(name, 100)) }

// Error is an error that a caller can act on.
type Error struct {
	Code    Code
	Message string  // what was wrong, where, and what to do
	Faults  []Fault // for CodeInvalid: all of them
	// Current is the state as it stands, for a refused save or act.
	Current *Investigation
	// CurrentTemplate is the template as it stands, for a refused save of one.
	CurrentTemplate *Template
	// Legal are the acts that the current status allows, for CodeIllegalTransition.
	Legal []Act
	// Existing is the id of what has the name already, and Suggested a name that is free, for CodeNameTaken.
	Existing, Suggested string
	Err                 error
}

// Error tells all of it, for logs and the command line. What may be told to anybody who asks is Message.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "; %s: %s", f.Pointer, f.Detail)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a formatted message. A format that ends in ": %w" names the cause, which is no part of the message.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	e := &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
	if e.Err != nil {
		e.Message = strings.TrimSuffix(e.Message, ": "+e.Err.Error())
	}
	return e
}

// Invalid makes a CodeInvalid error out of all the faults of an input.
func Invalid(what string, faults ...Fault) *Error {
	return &Error{Code: CodeInvalid, Message: what, Faults: faults}
}

// CodeOf returns the code of the first Error in err's chain, or "".
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
