// Package model is the route model: what the clients and backends of an edge can observe, in the field's terms, free of
// any controller's or target's spelling. Sources fill it, targets express it.
package model

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Origin is the place in the input that a value comes from.
type Origin = finding.Origin

// Edge is everything one controller instance serves.
type Edge struct {
	Hosts   []*Host   // by name; "*" (unknown hosts) comes last
	Streams []*Stream // TCP and UDP ports
	Global  Global    // what holds for every host
}

// Host is one name that requests are routed by, with its rules in match order.
type Host struct {
	Name       string   // exact ("a.test"), wildcard of one label ("*.a.test") or "*" for every name not listed
	Aliases    []Alias  // further names with the same rules
	Twin       *Twin    // the www or bare name that redirects here
	Rules      []*Rule  // first match wins
	Namespaces []string // that contribute rules, sorted
	Owner      string   // namespace of the oldest contributing Ingress
	RegexMode  bool     // paths are regular expressions: nothing may be attached by path

	TLS         *TLS         // nil: the default certificate, if there is one
	Ciphers     *Ciphers     // nil: those of Global
	ClientCerts *ClientCerts // client certificates
	Passthrough *Passthrough // raw TLS by SNI
	Closed      *Closed      // the whole host answers with this status
	// DNS holds the annotations by which external-dns publishes the host.
	DNS map[string]string

	Before []*Rule // answered before all rules and before TLS redirects (app-root, server-wide conditions), in order
	Origin Origin  // the rule that first names the host
}

// Exact tells whether the host's name is neither a wildcard nor the catch-all.
func (h *Host) Exact() bool { return h.Name != "*" && h.Name != "" && h.Name[0] != '*' }

// Wildcard tells whether the name is of the form *.suffix.
func (h *Host) Wildcard() bool { return len(h.Name) > 2 && h.Name[0] == '*' }

// Alias is a further name of a host.
type Alias struct {
	Name string // exact name or *.suffix (any depth); "" if Regex is set
	// Uncovered is set when the host's certificate is not for this name: it is served with the default certificate.
	Uncovered bool
	Regex     string // RE2, matched against the whole name without port
	Origin    Origin
}

// Twin is a name that redirects to its host (from-to-www-redirect).
type Twin struct {
	Name   string
	Code   int
	TLS    *TLS // as for a host
	Origin Origin
}

// Rule is what happens to the requests it matches: an action and the policies around it.
type Rule struct {
	Match  Match
	Action Action
	Owner  string // namespace that states the rule
	Origin Origin // the Ingress's path

	// Ingress is "namespace/name" of the Ingress that states the rule: settings of their own are named after it.
	Ingress string
	// Index is the position of the rule within its host, counted for its Ingress in input order: stable when other Ingresses change.
	Index int

	// Closed answers with a status instead of the action: a protection that cannot be carried over, or what the source
	// itself answers for a broken configuration. Redirects of the rule still come first.
	Closed *Closed

	HTTPSRedirect   *HTTPSRedirect
	CORS            *CORS
	Rewrite         *Rewrite
	UpstreamHost    *UpstreamHost
	RequestHeaders  []HeaderOp
	ResponseHeaders []HeaderOp
	Timeouts        *Timeouts
	Retries         *Retries
	Body            *Body
	RateLimit       *RateLimit
	ConnectionLimit *ConnectionLimit
	Bandwidth       *Bandwidth
	Access          *Access
	BasicAuth       *BasicAuth
	ExternalAuth    *ExternalAuth
	SatisfyAny      *SatisfyAny
	Affinity        *Affinity
	Balance         *Balance
	Canary          *Canary
	Mirror          *Mirror
	ErrorPages      *ErrorPages
	Fallback        *Fallback
	LocationRewrite *LocationRewrite
	CookieRewrite   *CookieRewrite
	AccessLog       *AccessLog
	Tracing         *Tracing
}

// Closed is a fixed refusal.
type Closed struct {
	Status int
	// First is set when the refusal comes before redirects and preflights as well.
	First   bool
	Origins []Origin
}

// Close marks a rule as refused; the first status stays, origins add up.
func (r *Rule) Close(status int, o Origin) {
	if r.Closed == nil {
		r.Closed = &Closed{Status: status}
	}
	r.Closed.Origins = append(r.Closed.Origins, o)
}

// Deny closes a rule before everything else of it, redirects included.
func (r *Rule) Deny(status int, o Origin) {
	if r.Closed == nil || !r.Closed.First {
		r.Closed = &Closed{Status: status, First: true}
	}
	r.Closed.Origins = append(r.Closed.Origins, o)
}
