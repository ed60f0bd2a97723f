package model

import (
	"slices"
	"strings"
)

// Access allows or refuses by client address, before passwords. CIDRs are in canonical form.
type Access struct {
	Allow   []string // empty: everybody
	Deny    []string // first
	Trusted []string // peers whose forwarded addresses are believed; empty: as Global says
	Origins []Origin
	// Platform is set when the platform stated the list (ConfigMap), not the rule's owner.
	Platform bool
}

// BasicAuth asks for a user name and password.
type BasicAuth struct {
	Realm  string
	Users  []User // with hashes that a proxy can check; may be empty: nobody passes
	Locked int    // users whose hashes cannot be checked
	Secret string // "namespace/name"
	// Service is set when the platform's own service checks the users, with the Secret's files, in place of the proxy.
	Service bool
	Map     bool // the Secret has a key for each user
	Origin  Origin
}

// User is one entry of a password file.
type User struct {
	Name string
	SHA1 string // base64 of the SHA-1 of the password
}

// ExternalAuth asks a service about every request.
type ExternalAuth struct {
	Scheme, Host    string // of the service, as written
	Port            int
	Path            string   // with query
	Backend         *Backend // set when Host is a Service of the cluster
	Method          string   // "" GET
	Headers         []HeaderOp
	ResponseHeaders []string // copied to the request for the backend; the client's own copies are dropped
	SignIn          *SignIn
	AlwaysSetCookie bool
	ExtraHeaders    bool // X-Original-URI and X-Scheme are sent too
	RedirectValue   *Value
	Origin          Origin
	Platform        bool // stated by the platform (global-auth-url)
}

// Answers tells whether the backend gets the header from the service; a nil authentication gives none.
func (a *ExternalAuth) Answers(header string) bool {
	return a != nil && slices.ContainsFunc(a.ResponseHeaders, func(h string) bool { return strings.EqualFold(h, header) })
}

// SignIn turns the service's 401 into a redirect.
type SignIn struct {
	URL   Value
	Param string // query parameter that carries the original URL; "" if URL has one already
}

// SatisfyAny lets a request pass that satisfies either the address list or the authentication of its rule.
type SatisfyAny struct {
	Origin Origin
}
