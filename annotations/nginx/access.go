package nginx

import (
	"fmt"
	"net"
	"slices"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Access allows and refuses by client address. In ingress-nginx deny lines come before allow lines, an annotation replaces
// the list of the ConfigMap, and everything that is answered in the rewrite phase (redirects, preflights) comes earlier.
// The controller does not check the lists of the ConfigMap: one that is broken stops nginx from reloading, so it must never
// be taken for an empty one.
var Access = annotations.Feature{
	Name: "access",
	Keys: []annotations.Key{
		{
			Name: "allowlist-source-range", Syntax: "list of networks and addresses", Setting: "whitelist-source-range", Alias: "whitelist-source-range",
			Scope: "location", Risk: "Medium", Protect: true, Check: someCIDRs, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc:  "Only these client addresses pass, others get 403. An empty value closes the Ingress with 503, unless whitelist-source-range has a value.",
			Note: "an address filter on the route, after redirects and preflights as before",
		},
		{
			Name: "whitelist-source-range", Syntax: "list of networks and addresses",
			Scope: "location", Risk: "Medium", Protect: true, Check: cidrs, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc:  "Older name of allowlist-source-range, read only while that is absent or empty.",
			Note: "an address filter on the route, after redirects and preflights as before",
		},
		{
			Name: "denylist-source-range", Syntax: "list of networks and addresses", Setting: "denylist-source-range",
			Scope: "location", Risk: "Medium", Protect: true, Check: someCIDRs, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc:  "These client addresses get 403, even if an allow list names them too. An empty value closes the Ingress with 503.",
			Note: "an address filter on the route, after redirects and preflights as before",
		},
	},
	Route: sourceRanges,
}

// sourceRanges fills Rule.Access.
func sourceRanges(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	allow, deny := sourceRange(r, "allowlist-source-range"), sourceRange(r, "denylist-source-range")
	if allow == nil && deny == nil {
		return
	}
	a := &model.Access{}
	for _, l := range []*addressList{allow, deny} {
		if l != nil {
			a.Origins = append(a.Origins, r.Origin(l.key))
			a.Platform = a.Platform || l.platform
		}
	}
	if allow != nil {
		a.Allow = allow.cidrs
	}
	if deny != nil {
		a.Deny = deny.cidrs
	}
	var err error
	if a.Trusted, err = trustedPeers(r.Edge); err != nil {
		for _, l := range []*addressList{allow, deny} {
			if l != nil {
				r.FailClosed(l.key, "the client's address is taken from a header of trusted peers, and "+err.Error())
			}
		}
	}
	r.Model.Access = a
}

// addressList is a list with the key that it stands under.
type addressList struct {
	key      string
	cidrs    []string
	platform bool
}

// sourceRange reads a list of the location: the annotation, else its alias, else the ConfigMap. It is nil if there is none,
// or if it is broken and the location is closed.
func sourceRange(r *annotations.Route, key string) *addressList {
	k := r.Edge.Key(key)
	for _, name := range []string{key, k.Alias} {
		if name == "" {
			continue
		}
		if r.Has(name) {
			return &addressList{key: name, cidrs: annotations.Parse(r.Ingress, name, listedCIDRs)}
		}
		written, _ := r.Written(name)
		if err := r.Broken(name); err != nil && (written != "" || name != key || k.Alias == "" || !r.Has(k.Alias)) {
			r.Answers503(name, err.Error())
			return nil
		}
	}
	v, ok := r.Edge.Settings.Get(k.Setting)
	if !ok {
		return nil
	}
	if err := cidrs(v); err != nil {
		r.Edge.Setting(finding.Manual, k.Setting, "the list is broken ("+err.Error()+"), so that nginx does not load any new configuration")
		r.FailClosed(key, err.Error())
		return nil
	}
	return &addressList{key: key, cidrs: listedCIDRs(v), platform: true}
}

// listedCIDRs are the networks of a list, as canonicalCIDRs writes them.
func listedCIDRs(list string) []string { return canonicalCIDRs(annotations.SplitList(list)) }

// canonicalCIDRs writes networks without host bits, and addresses as networks; each once, in the order of the list.
func canonicalCIDRs(list []string) []string {
	var out []string
	for _, s := range list {
		_, n, err := net.ParseCIDR(s)
		if err != nil {
			ip := net.ParseIP(s)
			if ip == nil {
				continue
			}
			if v4 := ip.To4(); v4 != nil {
				ip = v4
			}
			n = &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))}
		}
		if c := n.String(); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// trustedPeers are the peers whose word about the client's address is believed; nil if every peer's is, or nobody's. Behind
// the PROXY protocol the peer itself is not seen any more.
func trustedPeers(e *annotations.Edge) ([]string, error) {
	believes := e.SettingBool("use-forwarded-headers") || e.SettingBool("enable-real-ip")
	if !believes || e.SettingBool("use-proxy-protocol") {
		return nil, nil
	}
	list := annotations.SplitList(e.SettingText("proxy-real-ip-cidr"))
	for _, s := range list {
		if err := cidrs(s); err != nil {
			return nil, fmt.Errorf("%w (proxy-real-ip-cidr)", err)
		}
	}
	list = canonicalCIDRs(list)
	if slices.Contains(list, "0.0.0.0/0") {
		return nil, nil
	}
	return list, nil
}
