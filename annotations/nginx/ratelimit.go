package nginx

import (
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// RateLimit limits requests per client address. All locations of an Ingress share one count, per gateway pod; limits are
// checked before address lists and authentication.
var RateLimit = annotations.Feature{
	Name: "rate-limit",
	Keys: []annotations.Key{
		{
			Name: "limit-rps", Syntax: "integer, 0 = off", Default: "0", Scope: "ingress", Risk: "Low", Check: integer, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Requests per second and client; more are answered with 503, or limit-req-status-code.",
			Note: "a local rate limit with the same rate and burst, counted per gateway pod as before, and per listener",
		},
		{
			Name: "limit-rpm", Syntax: "integer, 0 = off", Default: "0", Scope: "ingress", Risk: "Low", Check: integer, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Requests per minute and client, in addition to limit-rps.",
			Note: "a local rate limit with the same rate and burst, counted per gateway pod as before, and per listener",
		},
		{
			Name: "limit-burst-multiplier", Syntax: "integer", Default: "5", Scope: "ingress", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc: "Burst of limit-rps and limit-rpm, in multiples of the limit.", Note: "size of the rate limit's bucket",
		},
		{
			Name: "limit-allowlist", Syntax: "list of networks and addresses", Alias: "limit-whitelist", Scope: "ingress", Risk: "Low",
			Check: cidrs, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Clients that are not limited.", Note: "these clients are not counted",
		},
		{
			Name: "limit-whitelist", Syntax: "list of networks and addresses", Scope: "ingress", Risk: "Low", Check: cidrs, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Older name of limit-allowlist, read only while that is absent or empty.", Note: "these clients are not counted",
		},
	},
	Settings: []annotations.Setting{
		{Name: "limit-req-status-code", Syntax: "status from 400 to 599", Default: "503", Check: between(400, 599), Class: finding.Exact,
			Doc: "Status of requests above limit-rps or limit-rpm.", Note: "status of limited requests"},
		{Name: "limit-conn-zone-variable", Syntax: "nginx variable", Default: "$binary_remote_addr", Class: finding.Exact,
			Doc:  "What requests and connections are counted by.",
			Note: "requests are counted by the same header or address"},
	},
	Route: rateLimit,
	Edge:  func(e *annotations.Edge) { state(e, "LimitStatus", "limit-req-status-code") },
}

// limitCompanions are keys that say nothing without a limit.
var limitCompanions = [...]string{"limit-burst-multiplier", "limit-allowlist", "limit-whitelist"}

// rateLimit fills Rule.RateLimit.
func rateLimit(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	rps, rpm := limitOf(r, "limit-rps"), limitOf(r, "limit-rpm")
	if rps == 0 && rpm == 0 {
		idleLimits(r)
		return
	}
	header, ok := limitedBy(r.Edge.SettingText("limit-conn-zone-variable"))
	if !ok {
		for _, key := range []string{"limit-rps", "limit-rpm"} {
			r.Manual(key, "requests are counted by "+annotations.Quote(r.Edge.SettingText("limit-conn-zone-variable"))+" (limit-conn-zone-variable), which the gateway cannot count by; they are not limited")
		}
		r.Edge.Setting(finding.Manual, "limit-conn-zone-variable", "the gateway counts by the client's address or by one request header only")
		return
	}
	l := &model.RateLimit{Zone: r.Ref(), PerSecond: rps, PerMinute: rpm, Burst: r.Int("limit-burst-multiplier"), Header: header, Status: 503}
	if l.Burst <= 0 {
		l.Burst = 0
		r.Approximate("limit-burst-multiplier", "nginx loads no configuration without a burst; here the limit has none")
	}
	if n, err := strconv.Atoi(r.Edge.SettingText("limit-req-status-code")); err == nil {
		l.Status = n
	}
	l.Exempt = canonicalCIDRs(r.List("limit-allowlist"))
	for _, key := range []string{"limit-rps", "limit-rpm"} {
		if r.Has(key) {
			l.Origins = append(l.Origins, r.Origin(key))
		}
	}
	r.Model.RateLimit = l
}

// limitOf is a limit; 0 for none.
func limitOf(r *annotations.Route, key string) int {
	if !r.Has(key) {
		return 0
	}
	n := r.Int(key)
	if n <= 0 {
		r.Noop(key, "there is no limit below 1")
		return 0
	}
	return n
}

// idleLimits says that the companions of a limit have no effect.
func idleLimits(r *annotations.Route) {
	for _, key := range limitCompanions {
		if _, ok := r.Written(key); ok {
			r.Overruled(key, "there is neither limit-rps nor limit-rpm")
		}
	}
}

// limitedBy reads the variable that requests are counted by: the client's address, or a header by its name.
func limitedBy(variable string) (header string, ok bool) {
	name, ok := strings.CutPrefix(variable, "$")
	name = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}"))
	switch name {
	case "binary_remote_addr", "remote_addr", "the_real_ip":
		return "", ok
	}
	h, known := requestHeader(name)
	return h, ok && known
}
