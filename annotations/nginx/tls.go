package nginx

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// decideTLS chooses the certificate of every host, as the controller does: the oldest Ingress with a TLS section decides
// alone, even if its Secret is missing; a host without one takes that of the sibling wildcard.
func decideTLS(e *annotations.Edge) {
	d := tlsDecider{e: e, byName: map[string]*annotations.Host{}, checked: map[model.SecretRef]checkedSecret{}}
	for _, h := range e.Hosts {
		d.byName[h.Name] = h
	}
	for _, h := range e.Hosts {
		if h.Name == catchAll {
			d.ignored(h)
			continue
		}
		if in := firstWithTLS(h); in != nil {
			h.Certificate = true
			h.Model.TLS = d.choose(h, in)
		}
	}
	for _, h := range e.Hosts {
		if w := d.sibling(h); w != nil && !h.Certificate && w.Certificate {
			h.Certificate = true
			if w.Model.TLS != nil {
				t := *w.Model.TLS
				h.Model.TLS = &t
			}
		}
	}
}

// sibling is the wildcard host above a host.
func (d *tlsDecider) sibling(h *annotations.Host) *annotations.Host {
	if _, rest, ok := strings.Cut(h.Name, "."); ok && h.Model.Exact() {
		return d.byName["*."+rest]
	}
	return nil
}

func firstWithTLS(h *annotations.Host) *annotations.Ingress {
	for _, in := range h.Ingresses {
		if len(in.Source.Spec.TLS) > 0 {
			return in
		}
	}
	return nil
}

type tlsDecider struct {
	e       *annotations.Edge
	byName  map[string]*annotations.Host
	checked map[model.SecretRef]checkedSecret
}

// ignored reports TLS sections of Ingresses that have only rules without a host.
func (d *tlsDecider) ignored(h *annotations.Host) {
	for _, in := range h.Ingresses {
		named := false
		for i := range in.Source.Spec.Rules {
			named = named || in.Source.Spec.Rules[i].Host != ""
		}
		if !named && len(in.Source.Spec.TLS) > 0 {
			d.e.Findings.Report(finding.TLSIgnored, tlsOrigin(in, 0), "rules without a host are served with the default certificate")
		}
	}
}

func tlsOrigin(in *annotations.Ingress, i int) finding.Origin {
	return finding.Origin{Object: in.Object, Field: "spec.tls[" + itoa(i) + "]", Line: in.Source.Lines.TLSBlock(i)}
}

// choose decides for one host by the TLS section of one Ingress.
func (d *tlsDecider) choose(h *annotations.Host, in *annotations.Ingress) *model.TLS {
	blocks := in.Source.Spec.TLS
	i, listed := blockFor(blocks, h.Name)
	if !listed {
		if i = d.covering(in, h.Name); i < 0 {
			i = d.likely(in, h.Name)
		}
		if i < 0 {
			d.e.Findings.Report(finding.CertificateMismatch, tlsOrigin(in, 0), secretsOf(in), h.Name, defaultServes)
			return &model.TLS{Origin: tlsOrigin(in, 0)}
		}
	}
	o := tlsOrigin(in, i)
	t := &model.TLS{Origin: o, Issuer: issuerOf(in), Names: blockNames(blocks[i].Hosts)}
	if blocks[i].SecretName == "" {
		return t
	}
	ref := model.SecretRef{Namespace: in.Namespace, Name: blocks[i].SecretName}
	name := ref.Namespace + "/" + ref.Name
	c := d.check(ref)
	switch {
	case c.unseen:
		d.e.Findings.Report(finding.SecretUnseen, o, name, "it is named as it is")
		t.Secret = &ref
	case c.missing && len(t.Issuer) > 0:
		d.e.Findings.Report(finding.SecretUnseen, o, name, "cert-manager is to make it")
		t.Secret = &ref
	case c.missing:
		d.e.Findings.Report(finding.SecretMissing, o, name, defaultServes)
		t.Unfit, t.Absent = &ref, true
	case c.err != nil:
		d.e.Findings.Report(finding.SecretBroken, o, name, c.err.Error(), "it counts as absent, and "+defaultServes)
	case !covers(c.leaf, h.Name):
		d.e.Findings.Report(finding.CertificateMismatch, o, name, h.Name, defaultServes)
		t.Unfit = &ref
	default:
		t.Secret = &ref
	}
	return t
}

// defaultServes is what follows if a Secret cannot serve.
const defaultServes = "the controller serves its default certificate instead"

// secretsOf names the Secrets of an Ingress's TLS section.
func secretsOf(in *annotations.Ingress) string {
	var names []string
	for _, b := range in.Source.Spec.TLS {
		if b.SecretName != "" {
			names = append(names, in.Namespace+"/"+b.SecretName)
		}
	}
	if len(names) == 0 {
		return "(none is named)"
	}
	return strings.Join(names, " or ")
}

// blockFor finds the TLS block that lists a host by its exact name.
func blockFor(blocks []netv1.IngressTLS, host string) (int, bool) {
	for i := range blocks {
		for _, n := range blocks[i].Hosts {
			if strings.EqualFold(n, host) {
				return i, true
			}
		}
	}
	return -1, false
}

// covering finds the first TLS block whose certificate covers a host; -1 for none.
func (d *tlsDecider) covering(in *annotations.Ingress, host string) int {
	for i := range in.Source.Spec.TLS {
		n := in.Source.Spec.TLS[i].SecretName
		if n == "" {
			continue
		}
		if c := d.check(model.SecretRef{Namespace: in.Namespace, Name: n}); c.leaf != nil && c.leaf.VerifyHostname(host) == nil {
			return i
		}
	}
	return -1
}

// likely finds the first TLS block whose certificate is not known and may well cover a host: it lists no hosts, or a wildcard
// above the host; -1 for none.
func (d *tlsDecider) likely(in *annotations.Ingress, host string) int {
	_, parent, _ := strings.Cut(host, ".")
	for i, b := range in.Source.Spec.TLS {
		if b.SecretName == "" || !d.check(model.SecretRef{Namespace: in.Namespace, Name: b.SecretName}).unseen {
			continue
		}
		if _, wild := blockFor(in.Source.Spec.TLS[i:i+1], "*."+parent); wild || len(b.Hosts) == 0 {
			return i
		}
	}
	return -1
}

// blockNames are the names that a certificate of a TLS block is made for.
func blockNames(hosts []string) []string {
	var out []string
	for _, h := range hosts {
		if h = strings.ToLower(h); validHost(h) {
			out = append(out, h)
		}
	}
	return out
}

// coverAliases finds further names of hosts that the host's certificate is not for. The certificate of a host without one of
// its own is the default certificate.
func coverAliases(e *annotations.Edge) {
	for _, h := range e.Hosts {
		if len(h.Model.Aliases) == 0 {
			continue
		}
		ref := defaultCertificateRef(e)
		if t := h.Model.TLS; t != nil && t.Secret != nil {
			ref = t.Secret
		}
		c := checkedSecret{missing: true}
		if ref != nil {
			c = checkPair(e.Lookup, *ref)
		}
		for i := range h.Model.Aliases {
			a := &h.Model.Aliases[i]
			a.Uncovered = a.Name == "" || !c.unseen && (c.leaf == nil || !covers(c.leaf, a.Name))
		}
	}
}

// checkedSecret is what is known of a key pair.
type checkedSecret struct {
	missing, unseen bool
	err             error
	leaf            *x509.Certificate
}

func (d *tlsDecider) check(ref model.SecretRef) checkedSecret {
	c, ok := d.checked[ref]
	if !ok {
		c = checkPair(d.e.Lookup, ref)
		d.checked[ref] = c
	}
	return c
}

// checkPair parses a key pair before anything names it: a broken Secret makes a starting gateway lose other hosts as well.
func checkPair(l annotations.Lookup, ref model.SecretRef) checkedSecret {
	data, found := l.Secret(ref.Namespace, ref.Name)
	switch {
	case !found && !l.HasSecrets():
		return checkedSecret{unseen: true}
	case !found:
		return checkedSecret{missing: true}
	case data == nil:
		return checkedSecret{unseen: true}
	}
	leaf, err := CheckPair(data)
	return checkedSecret{leaf: leaf, err: err}
}

// CheckPair gives the certificate of a Secret's key pair, or says why a gateway must not be given that pair.
func CheckPair(data map[string][]byte) (*x509.Certificate, error) {
	pair, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"])
	if err != nil {
		return nil, errors.New("no valid key pair") // the parser's text may quote key material
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, errors.New("no valid certificate")
	}
	if k, ok := leaf.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < 2048 {
		return nil, errors.New("RSA key of less than 2048 bits")
	}
	return leaf, nil
}

// CheckCA tells why a Secret cannot serve as a CA for client certificates; "" if it can.
func CheckCA(data map[string][]byte) string { return checkCA(data) }

// checkCA tells why a Secret cannot serve as a CA for client certificates; "" if it can, or its content is not known.
func checkCA(data map[string][]byte) string {
	rest, n := data["ca.crt"], 0
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(b.Bytes); err != nil {
			return "ca.crt holds a certificate that cannot be parsed"
		}
		n++
	}
	if n == 0 {
		return "ca.crt holds no certificate"
	}
	return ""
}

// shortChains tells whether the certificates of a CA admit no more intermediates than depth below them. An intermediate that is
// itself trusted may end a chain, and would have counted.
func shortChains(data map[string][]byte, depth int) bool {
	rest, n := data["ca.crt"], 0
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			return n > 0
		}
		if b.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil || !c.BasicConstraintsValid || !c.IsCA || c.MaxPathLen < 0 || c.MaxPathLen == 0 && !c.MaxPathLenZero {
			return false
		}
		most := c.MaxPathLen
		if !bytes.Equal(c.RawSubject, c.RawIssuer) {
			most++
		}
		if most > depth {
			return false
		}
		n++
	}
}

// covers tells whether a certificate is for a host: by its names, or by its common name if it has none.
func covers(c *x509.Certificate, host string) bool {
	name := host
	if strings.HasPrefix(host, "*.") {
		for _, n := range c.DNSNames {
			if strings.EqualFold(n, host) {
				return true
			}
		}
		return len(c.DNSNames) == 0 && strings.EqualFold(c.Subject.CommonName, host)
	}
	if c.VerifyHostname(name) == nil {
		return true
	}
	return len(c.DNSNames) == 0 && len(c.IPAddresses) == 0 && matchName(c.Subject.CommonName, host)
}

// matchName compares a certificate's common name, which may be a wildcard, with a host.
func matchName(pattern, host string) bool {
	if rest, ok := strings.CutPrefix(pattern, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && strings.EqualFold(rest, parent)
	}
	return strings.EqualFold(pattern, host)
}

// issuerOf keeps the annotations that make cert-manager issue a certificate for an Ingress.
func issuerOf(in *annotations.Ingress) map[string]string {
	var m map[string]string
	for k, v := range in.Source.Annotations {
		if strings.HasPrefix(k, "cert-manager.io/") || k == "kubernetes.io/tls-acme" {
			if m == nil {
				m = map[string]string{}
			}
			m[k] = v
		}
	}
	return m
}
