package nginx

import (
	"net/netip"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Alias gives a host further names. The oldest Ingress of the host with a list wins, and a name that is the host of some
// rule is dropped. Names go into nginx's server_name as they are: *.x matches any depth here, ~ begins a pattern.
var Alias = annotations.Feature{
	Name: "alias",
	Keys: []annotations.Key{
		{
			Name: "server-alias", Syntax: "list of names, wildcards and ~patterns", Scope: "host", Risk: "High",
			Check: serverNames, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Further names of the host, with all its paths.",
			Note: "further hosts of Gateway and VirtualService; a pattern becomes a match on the Host of unlisted names and has HTTPS only by the default certificate",
		},
	},
}

// decideAliases fills Host.Aliases. It runs before the routes are read, because a host with several names has no constant
// $host.
func decideAliases(e *annotations.Edge) {
	rules := map[string]bool{}
	for _, h := range e.Hosts {
		rules[h.Name] = true
	}
	taken := map[string]string{}
	for _, h := range e.Hosts {
		if h.Name == catchAll {
			continue
		}
		in := firstWithAlias(h)
		if in == nil {
			continue
		}
		o := in.Origin("server-alias")
		for _, n := range bothNames(in.List("server-alias")) {
			why := ""
			switch low := strings.ToLower(n); {
			case low == h.Name:
				why = "it is the host itself"
			case rules[low]:
				why = "it is the host of a rule"
			case taken[low] == h.Name:
				why = "it is listed twice"
			case taken[low] != "":
				why = "host " + taken[low] + " has it too, and nginx takes the first server"
			default:
				taken[low] = h.Name
				addAlias(h, in, n, o)
				continue
			}
			e.Findings.Report(finding.AliasDropped, o, n, why)
		}
	}
}

// bothNames writes .name out, which nginx takes for the name itself and everything below it.
func bothNames(names []string) []string {
	var out []string
	for _, n := range names {
		if bare, ok := strings.CutPrefix(n, "."); ok {
			out = append(out, bare)
			n = "*" + n
		}
		out = append(out, n)
	}
	return out
}

// firstWithAlias is the oldest Ingress of a host with a list; the lists of younger ones are skipped.
func firstWithAlias(h *annotations.Host) *annotations.Ingress {
	var first *annotations.Ingress
	for _, in := range h.Ingresses {
		if !in.Has("server-alias") {
			continue
		}
		if first == nil {
			first = in
			continue
		}
		in.Overruled("server-alias", "an older Ingress of the host has a list of aliases")
	}
	return first
}

// addAlias adds one name in one of nginx's forms: exact, *.suffix, prefix.* or ~pattern.
func addAlias(h *annotations.Host, in *annotations.Ingress, name string, o finding.Origin) {
	a := model.Alias{Name: strings.ToLower(name), Origin: o}
	var err error
	switch {
	case strings.HasPrefix(name, "~"):
		a.Name = ""
		a.Regex, err = convertName(strings.TrimPrefix(name, "~"))
	case strings.HasSuffix(name, ".*"):
		a.Name, a.Regex = "", "(?i)"+quoteRegex(strings.TrimSuffix(strings.ToLower(name), "*"))+".+"
	case address(name):
		// No target takes an address for a host.
		a.Name, a.Regex = "", quoteRegex(name)
	}
	if err != nil {
		in.Say(finding.PatternManual, "server-alias", annotations.Quote(name), err.Error())
		return
	}
	if a.Regex == "" && !validHost(a.Name) {
		in.Manual("server-alias", "the name "+annotations.Quote(name)+" is no host name; it is left out")
		return
	}
	h.Model.Aliases = append(h.Model.Aliases, a)
}

// address tells whether a name is an IPv4 address.
func address(name string) bool {
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Is4()
}

// validHost tells whether a name is a DNS name, or *. and one.
func validHost(name string) bool {
	name = strings.TrimPrefix(name, "*.")
	if name == "" || len(name) > 253 {
		return false
	}
	last := ""
	for l := range strings.SplitSeq(name, ".") {
		last = l
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return strings.Trim(last, "0123456789") != "" // else it is taken for an address
}
