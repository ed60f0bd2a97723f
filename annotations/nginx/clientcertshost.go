package nginx

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// clientCerts fills Host.ClientCerts. It needs the whole edge because a canary counts here like any other Ingress.
func clientCerts(e *annotations.Edge) {
	if !anyHas(e, "auth-tls-secret") {
		return
	}
	canaries := canariesByHost(e)
	for _, h := range e.Hosts {
		ins := stating(h, canaries[h.Name])
		if slices.ContainsFunc(ins, func(in *annotations.Ingress) bool { return in.Has("auth-tls-secret") }) {
			decideClientCerts(h, ins)
		}
	}
}

func anyHas(e *annotations.Edge, key string) bool {
	return slices.ContainsFunc(e.Ingresses, func(in *annotations.Ingress) bool { return in.Has(key) })
}

// canariesByHost lists the canary Ingresses that have paths for a host.
func canariesByHost(e *annotations.Edge) map[string][]*annotations.Ingress {
	out := map[string][]*annotations.Ingress{}
	for _, in := range e.Ingresses {
		if !in.Canary {
			continue
		}
		for i := range in.Source.Spec.Rules {
			name := strings.ToLower(in.Source.Spec.Rules[i].Host)
			if name == "" {
				name = catchAll
			}
			if l := out[name]; len(l) == 0 || l[len(l)-1] != in {
				out[name] = append(l, in)
			}
		}
	}
	return out
}

// stating lists the Ingresses, canaries included, that state settings of a host's server: those with paths for it. A rule
// without paths does not count.
func stating(h *annotations.Host, canaries []*annotations.Ingress) []*annotations.Ingress {
	var out []*annotations.Ingress
	for _, in := range slices.Concat(h.Ingresses, canaries) {
		for i := range in.Source.Spec.Rules {
			r := &in.Source.Spec.Rules[i]
			if r.Host == "" && h.Name == catchAll || strings.EqualFold(r.Host, h.Name) && r.HTTP != nil {
				out = append(out, in)
				break
			}
		}
	}
	if len(canaries) > 0 {
		slices.SortStableFunc(out, func(a, b *annotations.Ingress) int { return byAge(a.Source, b.Source) })
	}
	return out
}

// decideClientCerts lets the oldest Ingress with a usable CA decide. An error on any of them closes the host.
func decideClientCerts(h *annotations.Host, ins []*annotations.Ingress) {
	var decider *annotations.Ingress
	for _, in := range ins {
		if !in.Has("auth-tls-secret") {
			continue
		}
		ref, why := ownSecret(in, "auth-tls-secret")
		if why == "" {
			why = caProblem(h, in, ref)
		}
		switch {
		case why == noCA:
			deadClientCerts(h, in, ref)
		case why != "":
			in.Say(finding.ValueCloses, "auth-tls-secret", in.Edge.Prefix+"auth-tls-secret", why+"; that closes the whole host "+h.Name, "403")
			closeHost(h, in.Origin("auth-tls-secret"))
		case decider != nil:
			overruleGroup(in, "auth-tls-", "an older Ingress of host "+h.Name+" decides about client certificates")
		default:
			decider = in
			h.Model.ClientCerts = readClientCerts(h, in, ref)
		}
	}
}

// overruleGroup says of all keys with a common beginning that they have no effect.
func overruleGroup(in *annotations.Ingress, prefix, why string) {
	for _, k := range in.Keys() {
		if strings.HasPrefix(k, prefix) {
			in.Overruled(k, why)
		}
	}
}

func closeHost(h *annotations.Host, o finding.Origin) {
	if h.Model.Closed == nil {
		h.Model.Closed = &model.Closed{Status: 403, First: true}
	}
	h.Model.Closed.Origins = append(h.Model.Closed.Origins, o)
}

// ownSecret is the Secret that an annotation names with its namespace, or why the controller does not take it.
func ownSecret(in *annotations.Ingress, key string) (model.SecretRef, string) {
	v := in.Text(key)
	ns, name, ok := cutRef(v)
	switch {
	case !ok:
		return model.SecretRef{}, annotations.Quote(v) + " is not namespace/name"
	case ns != in.Namespace && !in.Edge.SettingBool("allow-cross-namespace-resources"):
		return model.SecretRef{}, "Secret " + v + " belongs to another namespace, which allow-cross-namespace-resources does not allow"
	}
	return model.SecretRef{Namespace: ns, Name: name}, ""
}

// noCA says that a Secret has a key pair and no CA.
const noCA = "the Secret has no ca.crt"

// caProblem tells why a Secret cannot serve as a CA; "" if it can, or its content is not known.
func caProblem(h *annotations.Host, in *annotations.Ingress, ref model.SecretRef) string {
	data, found := in.Edge.Lookup.Secret(ref.Namespace, ref.Name)
	name := ref.Namespace + "/" + ref.Name
	switch {
	case !found && in.Edge.Lookup.HasSecrets():
		return "Secret " + name + " does not exist"
	case data == nil:
		h.Edge.Findings.Report(finding.SecretUnseen, in.Origin("auth-tls-secret"), name, "it must hold a CA in ca.crt")
		return ""
	}
	return secretProblem(in.Edge.Lookup, ref, data)
}

// secretProblem tells why a Secret is no use as a CA: broken, or a pair alone.
func secretProblem(l annotations.Lookup, ref model.SecretRef, data map[string][]byte) string {
	pair := len(data["tls.crt"]) > 0 && len(data["tls.key"]) > 0
	if pair {
		if c := checkPair(l, ref); c.err != nil {
			return "Secret " + ref.Namespace + "/" + ref.Name + " is broken: " + c.err.Error()
		}
	}
	if len(data["ca.crt"]) == 0 && pair {
		return noCA
	}
	if why := checkCA(data); why != "" {
		return "Secret " + ref.Namespace + "/" + ref.Name + " is broken: " + why
	}
	return ""
}

// deadClientCerts handles a Secret with a pair alone: nginx then asks nobody for a certificate, which cannot be meant.
func deadClientCerts(h *annotations.Host, in *annotations.Ingress, ref model.SecretRef) {
	key, name := "auth-tls-secret", in.Edge.Prefix+"auth-tls-secret"
	why := "Secret " + ref.Namespace + "/" + ref.Name + " has no ca.crt, so nginx asks for no certificate"
	if w := in.Edge.Options.Waived; w != nil && w(finding.ProtectionDead, in.Object) {
		in.Overruled(key, why)
		return
	}
	in.Say(finding.ProtectionDead, key, name, why)
	closeHost(h, in.Origin(key))
}

// readClientCerts reads the keys beside auth-tls-secret.
func readClientCerts(h *annotations.Host, in *annotations.Ingress, ca model.SecretRef) *model.ClientCerts {
	c := &model.ClientCerts{
		CA: &ca, Depth: in.Int("auth-tls-verify-depth"), PassToUp: in.Bool("auth-tls-pass-certificate-to-upstream"),
		Origin: in.Origin("auth-tls-secret"), OriginDepth: in.Origin("auth-tls-verify-depth"), OriginCN: in.Origin("auth-tls-match-cn"),
	}
	if c.Depth <= 0 {
		c.Depth = 1
	}
	data, _ := in.Edge.Lookup.Secret(ca.Namespace, ca.Name)
	c.Short = shortChains(data, c.Depth)
	c.MatchCN = in.Text("auth-tls-match-cn")
	switch in.Text("auth-tls-verify-client") {
	case "off":
		c.Mode = model.CertIgnored
		in.Exact("auth-tls-secret", "no certificate is asked for, as auth-tls-verify-client says")
		in.Exact("auth-tls-verify-client", "no certificate is asked for; backends are told NONE")
		in.Overruled("auth-tls-verify-depth", "no certificate is asked for")
		in.Overruled("auth-tls-error-page", "no certificate is asked for")
		in.Overruled("auth-tls-pass-certificate-to-upstream", "no certificate is asked for")
		if c.MatchCN != "" {
			in.Say(finding.ValueCloses, "auth-tls-match-cn", in.Edge.Prefix+"auth-tls-match-cn", "no certificate is asked for, so that no subject matches", "403")
			closeHost(h, c.OriginCN)
		}
		return c
	case "optional":
		c.Mode = model.CertOptional
		in.Approximate("auth-tls-verify-client", "a bad certificate ends the TLS handshake instead of getting 400")
	case "optional_no_ca":
		c.Mode = model.CertUnverified
		in.Approximate("auth-tls-verify-client", "backends are told FAILED:unverified about every certificate, good ones included: nothing tells them apart behind the handshake")
	}
	if c.MatchCN != "" && c.Mode == model.CertRequired {
		in.Corner("auth-tls-match-cn", "a client without a good certificate fails in the handshake, before its subject is looked at")
	}
	c.ErrorPage = errorPage(in, c.Mode)
	return c
}

// errorPage is where clients without a certificate are sent. nginx sends there only those whose certificate is demanded.
func errorPage(in *annotations.Ingress, mode model.ClientCertMode) model.Value {
	const key = "auth-tls-error-page"
	page := in.Text(key)
	switch {
	case page == "":
		return nil
	case !strings.HasPrefix(page, "http://") && !strings.HasPrefix(page, "https://"):
		in.Manual(key, "only a URL can be redirected to; a client without a certificate cannot finish its handshake instead")
		return nil
	case mode != model.CertRequired:
		in.Approximate(key, "a client needs no certificate here, and a bad one ends the handshake instead of a redirect")
		return nil
	}
	v, err := parseValue(page, nil)
	if err != nil {
		in.Manual(key, err.Error()+"; a client without a certificate cannot finish its handshake instead")
		return nil
	}
	return v
}
