package istio

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// issuedCertificates finds the Secrets that cert-manager is to make in the gateway's namespace, with what is asked for.
func (e *emitter) issuedCertificates() map[model.SecretRef]*model.TLS {
	if e.opts.TLS != emit.TLSCertManager {
		return nil
	}
	out := map[model.SecretRef]*model.TLS{}
	for _, h := range e.edge.Hosts {
		t := h.TLS
		if t == nil || t.Secret == nil || len(t.Issuer) == 0 {
			continue
		}
		old := out[*t.Secret]
		if old == nil {
			c := *t
			c.Names = nil
			old = &c
			out[*t.Secret] = old
		}
		for _, n := range t.Names {
			if !slices.Contains(old.Names, n) {
				old.Names = append(old.Names, n)
			}
		}
	}
	return out
}

const certManager = "cert-manager.io/"

// issue writes a Certificate that makes the Secret where the gateway looks for it; false if it cannot.
func (e *emitter) issue(r model.SecretRef, t *model.TLS) bool {
	kind, name := "ClusterIssuer", t.Issuer[certManager+"cluster-issuer"]
	if n := t.Issuer[certManager+"issuer"]; n != "" {
		kind, name = cmp.Or(t.Issuer[certManager+"issuer-kind"], "Issuer"), n
	}
	group := cmp.Or(t.Issuer[certManager+"issuer-group"], "cert-manager.io")
	switch {
	case name == "" || len(t.Names) == 0 || group == "cert-manager.io" && kind != "Issuer" && kind != "ClusterIssuer":
		return false
	case kind == "Issuer" && r.Namespace != e.gatewayNamespace():
		e.findings.Report(finding.IssuerForeign, t.Origin, name, r.Namespace, e.gatewayNamespace())
		return false
	}
	slices.Sort(t.Names)
	spec := manifest.Map{{Key: "secretName", Value: e.copyName(r)}, {Key: "dnsNames", Value: t.Names}}
	for _, f := range []struct{ key, annotation string }{
		{"commonName", "common-name"}, {"duration", "duration"}, {"renewBefore", "renew-before"},
	} {
		if v := t.Issuer[certManager+f.annotation]; v != "" {
			spec = append(spec, manifest.Field{Key: f.key, Value: v})
		}
	}
	for _, f := range []struct{ key, annotation string }{
		{"renewBeforePercentage", "renew-before-percentage"}, {"revisionHistoryLimit", "revision-history-limit"},
	} {
		if n, err := strconv.ParseInt(t.Issuer[certManager+f.annotation], 10, 32); err == nil {
			spec = append(spec, manifest.Field{Key: f.key, Value: n})
		}
	}
	for _, f := range []struct{ key, annotation string }{{"usages", "usages"}, {"emailAddresses", "email-sans"}, {"ipAddresses", "ip-sans"}, {"uris", "uri-sans"}} {
		if v := words(t.Issuer[certManager+f.annotation]); len(v) > 0 {
			spec = append(spec, manifest.Field{Key: f.key, Value: v})
		}
	}
	if k := privateKey(t.Issuer); len(k) > 0 {
		spec = append(spec, manifest.Field{Key: "privateKey", Value: k})
	}
	spec = append(spec, manifest.Field{Key: "issuerRef", Value: manifest.Map{{Key: "name", Value: name}, {Key: "kind", Value: kind}, {Key: "group", Value: group}}})
	origins := []model.Origin{{Object: t.Origin.Object}}
	e.add(&manifest.Object{
		APIVersion: "cert-manager.io/v1", Kind: "Certificate", Namespace: e.gatewayNamespace(), Name: e.copyName(r),
		Spec: spec, Origins: origins, Annotations: originAnnotation(origins), Shared: true,
	})
	return true
}

func privateKey(annotations map[string]string) manifest.Map {
	var k manifest.Map
	for _, f := range []struct{ key, annotation string }{
		{"algorithm", "private-key-algorithm"}, {"encoding", "private-key-encoding"}, {"rotationPolicy", "private-key-rotation-policy"},
	} {
		if v := annotations[certManager+f.annotation]; v != "" {
			k = append(k, manifest.Field{Key: f.key, Value: v})
		}
	}
	if n, err := strconv.ParseInt(annotations[certManager+"private-key-size"], 10, 32); err == nil {
		k = append(k, manifest.Field{Key: "size", Value: n})
	}
	return k
}

// words splits a list at commas.
func words(s string) []string {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// grantEntries is how many objects a grant may list.
const grantEntries = 16

// grantReferences lets the gateway read Secrets where they are. Each namespace's grants belong to its team.
func (e *emitter) grantReferences(refs []model.SecretRef) {
	byNamespace := map[string][]model.SecretRef{}
	var order []string
	for _, r := range refs {
		if byNamespace[r.Namespace] == nil {
			order = append(order, r.Namespace)
		}
		byNamespace[r.Namespace] = append(byNamespace[r.Namespace], r)
	}
	if len(order) > 0 {
		e.findings.Report(finding.GatewayDefault, model.Origin{Field: "--tls reference-grant"},
			"istiod reads ReferenceGrants if the Gateway API is installed in the cluster and PILOT_ENABLE_GATEWAY_API is not off")
	}
	for _, ns := range order {
		n := 0
		for some := range slices.Chunk(byNamespace[ns], grantEntries/2) {
			name := "i2g-secrets"
			if n++; n > 1 {
				name += "-" + itoa(n)
			}
			e.grant(ns, name, some)
		}
	}
}

func (e *emitter) grant(ns, name string, refs []model.SecretRef) {
	var to []any
	var origins []model.Origin
	for _, r := range refs {
		names := []string{r.Name}
		if e.secrets.parts[r]&secretCA != 0 {
			names = append(names, r.Name+suffixCA) // what istiod calls its CA
		}
		for _, n := range names {
			to = append(to, manifest.Map{{Key: "group", Value: ""}, {Key: "kind", Value: "Secret"}, {Key: "name", Value: n}})
		}
		_, o := e.secretOrigin(r)
		origins = append(origins, o)
	}
	from := manifest.Map{{Key: "group", Value: "gateway.networking.k8s.io"}, {Key: "kind", Value: "Gateway"}, {Key: "namespace", Value: e.gatewayNamespace()}}
	e.add(&manifest.Object{
		APIVersion: "gateway.networking.k8s.io/v1beta1", Kind: "ReferenceGrant", Namespace: ns, Name: name, Owner: e.objectOwner(ns), Origins: origins,
		Spec: manifest.Map{{Key: "from", Value: []any{from}}, {Key: "to", Value: to}},
	})
}
