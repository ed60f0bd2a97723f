package istio

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// secretPart says what a Secret is used for, and so which of its keys are copied.
type secretPart int

const (
	secretPair    secretPart = 1 << iota // tls.crt and tls.key
	secretCA                             // ca.crt and ca.crl
	secretBackend                        // towards backends: such a Secret can only be read in the gateway's namespace
)

// secretUse collects the Secrets of the input that the gateway needs in its own namespace.
type secretUse struct {
	parts map[model.SecretRef]secretPart
}

// credential gives the name by which the gateway reads a Secret: a copy in its own namespace is called
// <namespace>.<secret>, which is injective because a namespace has no dot.
func (s *secretUse) credential(e *emitter, ref model.SecretRef, part secretPart) string {
	if ref.Namespace == e.gatewayNamespace() {
		return ref.Name
	}
	if s.parts == nil {
		s.parts = map[model.SecretRef]secretPart{}
	}
	s.parts[ref] |= part
	if e.opts.TLS == emit.TLSReferenceGrant && part&secretBackend == 0 {
		return "kubernetes-gateway://" + ref.Namespace + "/" + ref.Name
	}
	return e.copyName(ref)
}

// suffixCA is how istiod is told to serve a Secret's CA: it strips the suffix from a name.
const suffixCA = "-cacert"

// copyName is the name of a Secret in the gateway's namespace. No copy may end like a name of a CA: its pair would never be
// served, and it would stand in for the CA of another Secret.
func (e *emitter) copyName(ref model.SecretRef) string {
	name := ref.Namespace + "." + ref.Name
	if strings.HasSuffix(name, suffixCA) {
		name += ".i2g"
	}
	return e.names.claim("Secret", e.gatewayNamespace(), name, ref.Namespace+"/"+ref.Name, maxName-len(suffixCA))
}

// emitSecrets writes copies, Certificates or grants, or says which Secrets must be there.
func (e *emitter) emitSecrets() {
	var refs []model.SecretRef
	for r := range e.secrets.parts {
		refs = append(refs, r)
	}
	slices.SortFunc(refs, func(a, b model.SecretRef) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	if e.opts.TLS == emit.TLSReferenceGrant {
		e.grantReferences(slices.DeleteFunc(slices.Clone(refs), func(r model.SecretRef) bool { return e.secrets.parts[r] == secretBackend }))
		refs = slices.DeleteFunc(refs, func(r model.SecretRef) bool { return e.secrets.parts[r]&secretBackend == 0 })
	}
	issued := e.issuedCertificates()
	for _, r := range refs {
		if t := issued[r]; t == nil || !e.issue(r, t) {
			e.emitSecret(r)
		}
	}
}

func (e *emitter) secretOrigin(r model.SecretRef) (*snapshot.Secret, model.Origin) {
	if src := e.snapshot.Secrets[snapshot.Key{Namespace: r.Namespace, Name: r.Name}]; src != nil {
		return src, model.Origin{Object: src.Object}
	}
	return nil, model.Origin{Object: &finding.Object{Kind: "Secret", Namespace: r.Namespace, Name: r.Name}}
}

func (e *emitter) emitSecret(r model.SecretRef) {
	src, o := e.secretOrigin(r)
	ref, name := r.Namespace+"/"+r.Name, e.copyName(r)
	if e.opts.TLS != emit.TLSCopy || src == nil || src.Data == nil {
		e.findings.Report(finding.SecretReference, o, ref, name, e.gatewayNamespace())
		return
	}
	data := manifest.Map{}
	part := e.secrets.parts[r]
	if part&secretBackend != 0 {
		part |= secretPair | secretCA
	}
	for _, k := range []struct {
		key  string
		part secretPart
	}{{"ca.crl", secretCA}, {"ca.crt", secretCA}, {"tls.crt", secretPair}, {"tls.key", secretPair}} {
		if v, ok := src.Data[k.key]; ok && part&k.part != 0 {
			data = append(data, manifest.Field{Key: k.key, Value: base64.StdEncoding.EncodeToString(v)})
		}
	}
	typ := "Opaque"
	if len(src.Data["tls.crt"]) > 0 && part&secretPair != 0 {
		typ = "kubernetes.io/tls"
	}
	e.findings.Report(finding.SecretCopied, o, ref, e.gatewayNamespace()+"/"+name)
	e.add(&manifest.Object{
		APIVersion: "v1", Kind: "Secret", Namespace: e.gatewayNamespace(), Name: name,
		Fields: manifest.Map{{Key: "type", Value: typ}, {Key: "data", Value: data}}, Secret: true, Origins: []model.Origin{o},
		Annotations: map[string]string{annotationOrigin: ref},
	})
}
