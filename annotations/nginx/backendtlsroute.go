package nginx

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// backendTLS fills Backend.TLS of a route whose Ingress names a Secret. A Secret that the controller does not take closes the
// Ingress, whatever its backends speak.
func backendTLS(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	f, ok := r.Model.Action.(model.Forward)
	tls := ok && f.Backend.TLS != nil
	if r.Has("proxy-ssl-secret") {
		s, why := backendSecret(r.Ingress)
		switch {
		case why != "":
			r.Answers503("proxy-ssl-secret", why)
		case r.Service == "": // the hidden location of the host says nothing about the Ingress's backends
		case !tls:
			overruleGroup(r.Ingress, "proxy-ssl-", "the backend is not spoken to by TLS")
		default:
			f.Backend.TLS = readBackendTLS(r.Ingress, s)
			if s.ca && r.Has("proxy-ssl-ciphers") {
				readBackendCiphers(r, f.Backend.TLS)
			}
			r.Model.Action = f
		}
	}
	if tls && r.Has("proxy-ssl-server-name") {
		f.Backend.TLS.NameOrigin = r.Origin("proxy-ssl-server-name")
	}
	switch {
	case !tls:
	case f.Backend.TLS.SendName:
		r.Exact("backend-protocol", "TLS to the backend, with the same SNI")
	case r.Has("proxy-ssl-server-name") && !r.Has("proxy-ssl-secret"):
		r.Exact("backend-protocol", "TLS to the backend, without SNI as before: "+r.Edge.FullName("proxy-ssl-server-name")+" is not looked at without proxy-ssl-secret")
	default:
		r.Exact("backend-protocol", "TLS to the backend, without SNI as before")
	}
}

// secretContent is what a backend Secret holds.
type secretContent struct {
	ref      model.SecretRef
	pair, ca bool
	seen     bool
}

// backendSecret finds the Secret of proxy-ssl-secret, or why the controller does not take it.
func backendSecret(in *annotations.Ingress) (secretContent, string) {
	ref, why := ownSecret(in, "proxy-ssl-secret")
	if why != "" {
		return secretContent{}, why
	}
	data, found := in.Edge.Lookup.Secret(ref.Namespace, ref.Name)
	switch {
	case !found && in.Edge.Lookup.HasSecrets():
		return secretContent{}, "Secret " + ref.Namespace + "/" + ref.Name + " does not exist"
	case data == nil:
		return secretContent{ref: ref, pair: true, ca: true}, ""
	}
	s := secretContent{ref: ref, seen: true, pair: len(data["tls.crt"]) > 0 && len(data["tls.key"]) > 0, ca: len(data["ca.crt"]) > 0}
	if why := secretProblem(in.Edge.Lookup, ref, data); why != "" && why != noCA {
		return secretContent{}, why
	}
	return s, ""
}

// readBackendTLS reads the keys beside proxy-ssl-secret. Without a CA in the Secret nginx verifies nothing and keeps its own
// versions and ciphers.
func readBackendTLS(in *annotations.Ingress, s secretContent) *model.BackendTLS {
	t := &model.BackendTLS{Secret: &s.ref, HasPair: s.pair, Name: strings.TrimSpace(in.Text("proxy-ssl-name")), Origin: in.Origin("proxy-ssl-secret")}
	name := s.ref.Namespace + "/" + s.ref.Name
	if !s.seen {
		in.Edge.Findings.Report(finding.SecretUnseen, in.Origin("proxy-ssl-secret"), name, "it must hold a client certificate and a CA")
	}
	if t.SendName = strings.TrimSpace(in.Text("proxy-ssl-server-name")) == "on"; t.SendName {
		in.Exact("proxy-ssl-server-name", "the same SNI is sent")
	} else {
		in.Exact("proxy-ssl-server-name", "no SNI is sent, as before")
	}
	t.Verify = strings.TrimSpace(in.Text("proxy-ssl-verify")) == "on"
	if !s.ca {
		if t.Verify {
			in.Say(finding.Unverified, "proxy-ssl-verify", "Secret "+name+" has no ca.crt")
		}
		t.Verify = false
		for _, k := range []string{"proxy-ssl-verify-depth", "proxy-ssl-protocols", "proxy-ssl-ciphers"} {
			in.Overruled(k, "Secret "+name+" has no ca.crt, without which nginx leaves it out")
		}
		return t
	}
	if !t.Verify {
		in.Overruled("proxy-ssl-verify-depth", "the backend's certificate is not verified")
	} else if !in.Has("proxy-ssl-verify-depth") {
		in.Corner("proxy-ssl-verify", "a chain of more than one intermediate is accepted, where nginx stops at one")
	}
	if in.Has("proxy-ssl-protocols") || in.Has("proxy-ssl-ciphers") {
		t.MinVersion, t.MaxVersion = backendVersions(in) // a list of ciphers for TLS 1.2 means little if TLS 1.3 is spoken
	} else {
		in.Corner("proxy-ssl-secret", "TLS 1.3 is spoken with backends that know it, where the controller stops at TLS 1.2 unless proxy-ssl-protocols says otherwise")
	}
	return t
}

// backendVersions is the range of proxy-ssl-protocols.
func backendVersions(in *annotations.Ingress) (lowest, highest string) {
	versions := []string{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
	lo, hi, n := len(versions), -1, 0
	for w := range strings.FieldsSeq(in.Text("proxy-ssl-protocols")) {
		if i := slices.Index(versions, w); i >= 0 {
			lo, hi, n = min(lo, i), max(hi, i), n+1
		}
	}
	if n == 0 {
		return "", ""
	}
	switch {
	case !in.Has("proxy-ssl-protocols"):
	case hi-lo+1 == n:
		in.Exact("proxy-ssl-protocols", "the same versions")
	default:
		in.Approximate("proxy-ssl-protocols", "lowest and highest version of the list; those between them are spoken too")
	}
	names := []string{"TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"}
	return names[lo], names[hi]
}

// readBackendCiphers reads proxy-ssl-ciphers. A list of which nothing is left must not fall back to the proxy's own: the route
// is closed then.
func readBackendCiphers(r *annotations.Route, t *model.BackendTLS) {
	names, unusable := cipherNames(r.Text("proxy-ssl-ciphers"))
	switch t.Ciphers = names; {
	case unusable:
		r.Manual("proxy-ssl-ciphers", "Envoy knows none of these ciphers; the route answers 503")
		r.Model.Close(503, r.Origin("proxy-ssl-ciphers"))
	case len(names) == 0:
		r.Exact("proxy-ssl-ciphers", "the gateway's own choice of ciphers")
	}
}

// lendBackendTLS gives TLS backends without a Secret of their own what nginx states for the whole host: the Secret of the
// oldest Ingress that has one with a CA, unless proxy-ssl-location-only says otherwise.
func lendBackendTLS(e *annotations.Edge) {
	if e.SettingBool("proxy-ssl-location-only") || !anyHas(e, "proxy-ssl-secret") {
		return
	}
	canaries := canariesByHost(e)
	for _, h := range e.Hosts {
		var lender *annotations.Ingress
		for _, in := range stating(h, canaries[h.Name]) {
			if in.Has("proxy-ssl-secret") && lender == nil {
				if s, why := backendSecret(in); why == "" && s.ca {
					lender = in
				}
			}
		}
		if lender != nil {
			lend(h, lender)
		}
	}
}

func lend(h *annotations.Host, from *annotations.Ingress) {
	s, _ := backendSecret(from)
	for _, r := range h.Routes {
		f, ok := r.Model.Action.(model.Forward)
		if !ok || r.Ingress == nil || f.Backend.TLS == nil || f.Backend.TLS.Secret != nil || r.Has("proxy-ssl-secret") {
			continue
		}
		t := readBackendTLS(from, s)
		if t.Name == "" {
			t.SendName = false // nginx states it for the host only together with a name
		}
		if from.Has("proxy-ssl-ciphers") {
			names, unusable := cipherNames(from.Text("proxy-ssl-ciphers"))
			if unusable {
				r.Model.Close(503, from.Origin("proxy-ssl-ciphers"))
				continue
			}
			t.Ciphers = names
		}
		f.Backend.TLS = t
		r.Model.Action = f
	}
}
