package istio

import (
	"cmp"
	"encoding/base64"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// secretPart says what a Secret is used for, and so which of its keys are copied.
type secretPart int

const (
	secretPair secretPart = 1 << iota // tls.crt and tls.key
	secretCA                          // ca.crt and ca.crl
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
	if e.opts.TLS == emit.TLSReferenceGrant {
		return "kubernetes-gateway://" + ref.Namespace + "/" + ref.Name
	}
	return e.copyName(ref)
}

func (e *emitter) copyName(ref model.SecretRef) string {
	return e.names.claim("Secret", e.gatewayNamespace(), ref.Namespace+"."+ref.Name, ref.Namespace+"/"+ref.Name, maxName)
}

// emitSecrets writes copies, or says which Secrets must be there.
func (e *emitter) emitSecrets() {
	var refs []model.SecretRef
	for r := range e.secrets.parts {
		refs = append(refs, r)
	}
	slices.SortFunc(refs, func(a, b model.SecretRef) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	for _, r := range refs {
		e.emitSecret(r)
	}
}

func (e *emitter) emitSecret(r model.SecretRef) {
	src := e.snapshot.Secrets[snapshot.Key{Namespace: r.Namespace, Name: r.Name}]
	o := model.Origin{Object: &finding.Object{Kind: "Secret", Namespace: r.Namespace, Name: r.Name}}
	if src != nil {
		o.Object = src.Object
	}
	ref, name := r.Namespace+"/"+r.Name, e.copyName(r)
	if e.opts.TLS != emit.TLSCopy || src == nil || src.Data == nil {
		e.findings.Report(finding.SecretReference, o, ref, name, e.gatewayNamespace())
		return
	}
	data := manifest.Map{}
	part := e.secrets.parts[r]
	for _, k := range []struct {
		key  string
		part secretPart
	}{{"ca.crl", secretCA}, {"ca.crt", secretCA}, {"tls.crt", secretPair}, {"tls.key", secretPair}} {
		if v, ok := src.Data[k.key]; ok && part&k.part != 0 {
			data = append(data, manifest.Field{Key: k.key, Value: base64.StdEncoding.EncodeToString(v)})
		}
	}
	typ := "Opaque"
	if part&secretPair != 0 {
		typ = "kubernetes.io/tls"
	}
	e.findings.Report(finding.SecretCopied, o, ref, e.gatewayNamespace()+"/"+name)
	e.add(&manifest.Object{
		APIVersion: "v1", Kind: "Secret", Namespace: e.gatewayNamespace(), Name: name,
		Fields: manifest.Map{{Key: "type", Value: typ}, {Key: "data", Value: data}}, Secret: true, Origins: []model.Origin{o},
		Annotations: map[string]string{annotationOrigin: ref},
	})
}
