package nginx

import (
	"slices"
	"strings"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// account says of every rule and TLS block of the accepted Ingresses that it is translated, unless findings say what else
// became of it or that none of its paths is served.
func account(e *annotations.Edge) {
	said := saidParts(e)
	for _, in := range e.Ingresses {
		spec := &in.Source.Spec
		for i := range spec.Rules {
			s := said[place{in.Object, "spec.rules[" + itoa(i) + "]"}]
			if s.classed || spec.Rules[i].HTTP != nil && s.unserved > 0 && s.unserved == len(spec.Rules[i].HTTP.Paths) {
				continue
			}
			o := finding.Origin{Object: in.Object, Field: "spec.rules[" + itoa(i) + "]", Line: in.Source.Lines.Rule(i)}
			e.Findings.Report(finding.RuleTranslated, o, "the rule for "+ruleName(spec.Rules[i].Host))
		}
		for i := range spec.TLS {
			if !said[place{in.Object, "spec.tls[" + itoa(i) + "]"}].classed {
				accountBlock(e, in, i)
			}
		}
		if s := said[place{in.Object, "spec.defaultBackend"}]; spec.DefaultBackend != nil && !s.classed && s.unserved == 0 {
			o := finding.Origin{Object: in.Object, Field: "spec.defaultBackend", Line: in.Source.Lines.Spec}
			e.Findings.Report(finding.RuleTranslated, o, "the default backend")
		}
	}
}

// statements are what findings say of a part of an Ingress.
type statements struct {
	classed  bool // what became of it
	unserved int  // paths that the controller does not serve
}

func saidParts(e *annotations.Edge) map[place]statements {
	said := map[place]statements{}
	e.Findings.Each(func(f *finding.Finding) {
		if f.Origin.Object == nil || !strings.HasPrefix(f.Origin.Field, "spec.") {
			return
		}
		p := place{f.Origin.Object, f.Part()}
		s := said[p]
		switch {
		case f.Code == finding.DuplicatePath || f.Code == finding.ResourceBackend || f.Code == finding.CanaryFirst:
			s.unserved++
		case f.Class != "":
			s.classed = true
		}
		said[p] = s
	})
	return said
}

// place is a part of an Ingress.
type place struct {
	object *finding.Object
	part   string
}

func ruleName(host string) string {
	if host == "" {
		return "unknown hosts"
	}
	return "host " + host
}

// accountBlock says what becomes of a TLS block: its certificate serves hosts, or it only makes them redirect.
func accountBlock(e *annotations.Edge, in *annotations.Ingress, i int) {
	block := &in.Source.Spec.TLS[i]
	switch {
	case in.Canary:
		e.Findings.Report(finding.TLSIgnored, tlsOrigin(in, i), "a canary states no certificates")
	case len(in.Source.Spec.Rules) == 0:
		e.Findings.Report(finding.TLSIgnored, tlsOrigin(in, i), "the Ingress has no rule with a host")
	case len(block.Hosts) > 0 && !slices.ContainsFunc(block.Hosts, func(h string) bool { return names(in.Source.Spec.Rules, h) }) && !lists(in, block.Hosts):
		e.Findings.Report(finding.TLSIgnored, tlsOrigin(in, i), "no rule of the Ingress is for a host of the block")
	default:
		e.Findings.Report(finding.RuleTranslated, tlsOrigin(in, i), "the TLS block")
	}
}

func names(rules []netv1.IngressRule, host string) bool {
	return slices.ContainsFunc(rules, func(r netv1.IngressRule) bool { return strings.EqualFold(r.Host, host) })
}

// lists tells whether a host of a block is a wildcard above the host of a rule: its certificate may serve it.
func lists(in *annotations.Ingress, hosts []string) bool {
	for i := range in.Source.Spec.Rules {
		if _, parent, ok := strings.Cut(in.Source.Spec.Rules[i].Host, "."); ok && slices.Contains(hosts, "*."+parent) {
			return true
		}
	}
	return false
}
