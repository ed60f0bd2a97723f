package nginx

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// foreignRule says what becomes of annotations that other programs read.
type foreignRule struct {
	prefix string // of the annotation, or all of it
	class  finding.Class
	note   string
}

// Programs that read Ingresses to do something of their own are named with what to do; tools that only keep notes there are
// not touched by the translation.
const (
	forTools      = "it is a note of another tool; the translation does not touch the Ingress"
	forOthers     = "it is read by another controller, which does not serve this Ingress"
	acmeAnswers   = "cert-manager answers HTTP-01 challenges by Ingresses of its own; use DNS-01, or its solver for Gateways"
	certOwned     = "cert-manager's Certificate belongs to the Ingress and goes with it: make one of your own before deleting the Ingress, or use --tls cert-manager"
	certMade      = "part of the Certificate in the gateway's namespace"
	dnsCarried    = "carried to the VirtualService of the host; external-dns must run with --source=istio-virtualservice"
	dnsForIngress = "it tells external-dns how to read an Ingress"
	notRead       = "ingress-nginx does not read it"
)

// foreignRules are tried in order.
func foreignRules(certManager bool) []foreignRule {
	issuer := foreignRule{"", finding.Manual, certOwned}
	if certManager {
		issuer = foreignRule{"", finding.Exact, certMade}
	}
	with := func(prefix string) foreignRule { r := issuer; r.prefix = prefix; return r }
	return []foreignRule{
		{"kubernetes.io/ingress.class", finding.Exact, "it says which controller serves the Ingress"},
		{"kubernetes.io/tls-acme", finding.Manual, certOwned},
		{"cert-manager.io/cluster-issuer", issuer.class, issuer.note},
		{"acme.cert-manager.io/", finding.Manual, acmeAnswers},
		{"certmanager.k8s.io/", finding.Noop, "cert-manager has not read it since v0.11"},
		with("cert-manager.io/"),
		{externalDNS + "ingress-hostname-source", finding.Noop, dnsForIngress},
		{externalDNS, finding.Exact, dnsCarried},
		{"ingress2gw.io/", finding.Exact, "it is for the translation"},
		{"nginx.org/", finding.Noop, forOthers}, {"appprotect.f5.com/", finding.Noop, forOthers},
		{"haproxy.org/", finding.Noop, forOthers}, {"haproxy-ingress.github.io/", finding.Noop, forOthers}, {"ingress.kubernetes.io/", finding.Noop, notRead},
		{"traefik.ingress.kubernetes.io/", finding.Noop, forOthers}, {"konghq.com/", finding.Noop, forOthers},
		{"alb.ingress.kubernetes.io/", finding.Noop, forOthers}, {"appgw.ingress.kubernetes.io/", finding.Noop, forOthers},
		{"networking.gke.io/", finding.Noop, forOthers}, {"kubernetes.io/ingress.", finding.Noop, forOthers},
		{"projectcontour.io/", finding.Noop, forOthers}, {"k8s.apisix.apache.org/", finding.Noop, forOthers},
		{"kubectl.kubernetes.io/", finding.Noop, forTools}, {"meta.helm.sh/", finding.Noop, forTools}, {"helm.sh/", finding.Noop, forTools},
		{"argocd.argoproj.io/", finding.Noop, forTools}, {"kustomize.toolkit.fluxcd.io/", finding.Noop, forTools}, {"fluxcd.io/", finding.Noop, forTools},
		{"config.kubernetes.io/", finding.Noop, forTools}, {"internal.config.kubernetes.io/", finding.Noop, forTools},
		{"field.cattle.io/", finding.Noop, forTools}, {"objectset.rio.cattle.io/", finding.Noop, forTools}, {"a8r.io/", finding.Noop, forTools},
		{"link.argocd.argoproj.io/", finding.Noop, forTools}, {"gethomepage.dev/", finding.Noop, forTools}, {"hajimari.io/", finding.Noop, forTools},
		{"forecastle.stakater.com/", finding.Noop, forTools}, {"reloader.stakater.com/", finding.Noop, forTools},
		{DefaultPrefix, finding.Noop, "the controller reads annotations of another prefix (--annotations-prefix)"},
	}
}

// externalDNS is the prefix of the annotations by which external-dns publishes hosts.
const externalDNS = "external-dns.alpha.kubernetes.io/"

// foreign accounts for the annotations of an Ingress that do not have the controller's prefix.
func foreign(in *annotations.Ingress, rules []foreignRule) {
	if in.Annotations() == len(in.Source.Annotations) {
		return
	}
	var names []string
	for name := range in.Source.Annotations {
		if !strings.HasPrefix(name, in.Edge.Prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		class, note := finding.Noop, notRead
		for i := range rules {
			if strings.HasPrefix(name, rules[i].prefix) {
				class, note = rules[i].class, rules[i].note
				break
			}
		}
		code := finding.KeyNoop
		switch class {
		case finding.Exact:
			code = finding.KeyExact
		case finding.Manual:
			code = finding.KeyManual
		}
		in.Edge.Findings.Report(code, finding.Origin{Object: in.Object, Field: name, Line: in.Source.Lines.Annotations[name]}, name, note)
	}
}

// publishNames keeps the annotations by which external-dns publishes a host: those of the oldest Ingress that has some.
func publishNames(e *annotations.Edge) {
	for _, h := range e.Hosts {
		for _, in := range h.Ingresses {
			if h.Model.DNS == nil {
				h.Model.DNS = dnsAnnotations(in.Source.Annotations)
			}
		}
	}
}

func dnsAnnotations(all map[string]string) map[string]string {
	var out map[string]string
	for k, v := range all {
		if strings.HasPrefix(k, externalDNS) && k != externalDNS+"ingress-hostname-source" {
			if out == nil {
				out = map[string]string{}
			}
			out[k] = v
		}
	}
	return out
}
