package reports

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Host is a name that requests are routed by, and who serves it.
type Host struct {
	Name        string // "*" for every name not listed
	Aliases     []string
	Namespaces  []string          // that state rules for it
	Owner       string            // namespace of the oldest Ingress
	Ingresses   []*finding.Object // that state rules for it, by namespace and name
	Secret      string            // "namespace/name" of its certificate; "" for none of its own
	Unfit       string            // Secret that is named for it, and is missing or not for this name
	Default     bool              // served by HTTPS with the default certificate, if there is one
	Passthrough bool              // TLS is not terminated
	ClientCerts bool              // clients are asked for certificates
	Servers     []Server          // of the generated Gateways
}

// Server is a port of a Gateway that serves a host.
type Server struct {
	Gateway    string `json:"gateway"` // "namespace/name"
	Port       int64  `json:"port"`
	Protocol   string `json:"protocol"`
	Credential string `json:"credential,omitempty"`
}

// Certificate is a Secret that certifies hosts. Of its content only what is public is told.
type Certificate struct {
	Secret              string // "namespace/name"
	Known               bool   // its content was in the input
	Names               []string
	Issuer              string
	NotBefore, NotAfter time.Time
	Problem             string // why nothing is known of a content that was there
	Hosts               []string
	Servers             []Server
}

// inventory lists hosts and certificates.
func (b *describer) inventory() {
	if b.source.Model == nil {
		return
	}
	servers := serversByHost(b.source.Objects)
	certificates := map[string]*Certificate{}
	for _, h := range b.source.Model.Hosts {
		out := b.host(h)
		out.Servers = servers[h.Name]
		b.Hosts = append(b.Hosts, out)
		if out.Secret == "" {
			continue
		}
		c := certificates[out.Secret]
		if c == nil {
			c = b.certificate(out.Secret)
			certificates[out.Secret] = c
			b.Certificates = append(b.Certificates, c)
		}
		c.Hosts = append(c.Hosts, out.Name)
		for _, s := range out.Servers {
			if s.Credential != "" && !slices.Contains(c.Servers, s) {
				c.Servers = append(c.Servers, s)
			}
		}
	}
	slices.SortFunc(b.Hosts, func(x, y *Host) int { return cmp.Compare(x.Name, y.Name) })
	slices.SortFunc(b.Certificates, func(x, y *Certificate) int { return cmp.Compare(x.Secret, y.Secret) })
}

func (b *describer) host(h *model.Host) *Host {
	out := &Host{Name: h.Name, Namespaces: h.Namespaces, Owner: h.Owner, Passthrough: h.Passthrough != nil, ClientCerts: h.Guarded()}
	if out.Namespaces == nil {
		out.Namespaces = []string{} // a list in JSON, too
	}
	for _, a := range h.Aliases {
		out.Aliases = append(out.Aliases, cmp.Or(a.Name, "~"+a.Regex))
	}
	if t := h.TLS; t != nil && t.Secret != nil {
		out.Secret = t.Secret.Namespace + "/" + t.Secret.Name
	} else if t != nil {
		out.Default = true
		if t.Unfit != nil {
			out.Unfit = t.Unfit.Namespace + "/" + t.Unfit.Name
		}
	}
	var last *finding.Object
	for _, r := range h.Rules {
		if o := r.Origin.Object; o != nil && o != last {
			last = o
			out.Ingresses = append(out.Ingresses, o)
		}
	}
	slices.SortFunc(out.Ingresses, compareRefs)
	out.Ingresses = slices.Compact(out.Ingresses)
	return out
}

func compareRefs(a, b *finding.Object) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}

// serversByHost reads the servers of the generated Gateways.
func serversByHost(objects []*manifest.Object) map[string][]Server {
	out := map[string][]Server{}
	for _, o := range objects {
		if o.Kind != "Gateway" {
			continue
		}
		spec, _ := o.Tree().Get("spec")
		for _, s := range items(under(spec, "servers")) {
			server := Server{Gateway: o.Namespace + "/" + o.Name, Protocol: text(under(s, "port", "protocol")), Credential: text(under(s, "tls", "credentialName"))}
			switch n := under(s, "port", "number").(type) {
			case int64:
				server.Port = n
			case uint64:
				server.Port = int64(n)
			}
			for _, name := range serverHosts(s) {
				if !slices.Contains(out[name], server) {
					out[name] = append(out[name], server)
				}
			}
		}
	}
	return out
}

// serverHosts are the names of a server, without the namespaces that may bind them.
func serverHosts(server any) []string {
	var out []string
	for _, h := range items(under(server, "hosts")) {
		_, name, scoped := strings.Cut(text(h), "/")
		if !scoped {
			name = text(h)
		}
		out = append(out, name)
	}
	return out
}

func gatewayHosts(gateway *manifest.Object) []string {
	var out []string
	spec, _ := gateway.Tree().Get("spec")
	for _, s := range items(under(spec, "servers")) {
		out = append(out, serverHosts(s)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// under follows keys into a tree.
func under(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(manifest.Map)
		v, _ = m.Get(k)
	}
	return v
}

func items(v any) []any {
	list, _ := v.([]any)
	return list
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// certificate reads what a certificate says in public.
func (b *describer) certificate(ref string) *Certificate {
	c := &Certificate{Secret: ref}
	namespace, name, _ := strings.Cut(ref, "/")
	secret := b.source.Snapshot.Secrets[snapshot.Key{Namespace: namespace, Name: name}]
	if secret == nil || secret.Data == nil {
		return c
	}
	c.Known = true
	block, _ := pem.Decode(secret.Data["tls.crt"])
	if block == nil {
		c.Problem = "tls.crt holds no certificate"
		return c
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		c.Problem = err.Error()
		return c
	}
	c.Names, c.Issuer, c.NotBefore, c.NotAfter = slices.Sorted(slices.Values(leaf.DNSNames)), leaf.Issuer.String(), leaf.NotBefore.UTC(), leaf.NotAfter.UTC()
	return c
}
