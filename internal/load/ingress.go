package load

import (
	"cmp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// ingressReader reads one Ingress of any API version.
type ingressReader struct {
	*subject
	in  *snapshot.Ingress
	old bool // v1beta1 form: serviceName and servicePort
}

// ingress reads an Ingress of one of Kubernetes' own API groups. One that cannot be used is counted and reported.
func (r *reader) ingress(n, twice *node, apiVersion string) {
	d := ingressReader{subject: r.subject(n, twice, "Ingress"), in: &snapshot.Ingress{}}
	d.in.Object = d.object
	d.in.TypeMeta = metav1.TypeMeta{Kind: "Ingress", APIVersion: "networking.k8s.io/v1"}
	d.in.ObjectMeta, d.in.Lines.Annotations = d.meta(n, scope{namespaced: true, name: checkSubdomain})
	if !r.filter.wants(d.in.Namespace, d.in.Labels) {
		return
	}
	switch apiVersion {
	case "networking.k8s.io/v1":
	case "networking.k8s.io/v1beta1", "extensions/v1beta1":
		d.old = true
		d.report(finding.OldAPIVersion, "", d.at("apiVersion", 0), apiVersion)
	case "":
		d.refuse(path{key: "apiVersion"}, n.line, "is missing")
	default:
		d.refuse(path{key: "apiVersion"}, n.line, "is "+apiVersion+", which has no kind Ingress; networking.k8s.io/v1 has")
	}
	d.top(n)
	if !d.settle() {
		r.snapshot.Failed++
		return
	}
	r.add(definition{version: versionOf(&d.in.ObjectMeta), object: d.object, value: d.in})
}

func (d *ingressReader) top(n *node) {
	spec := path{key: "spec"}
	for c := range n.children {
		switch c.key {
		case "apiVersion", "kind", "metadata", "status":
		case "spec":
			d.in.Lines.Spec = d.place(c.keyLine)
			if d.is(c, spec, mapping) {
				d.spec(c, spec)
			}
		case "sops":
			d.report(finding.Encrypted, "", d.at(c.key, c.keyLine), "what is needed of it is in the clear, and is used")
		default:
			d.unknown(c, path{key: c.key})
		}
	}
	if d.in.Spec.DefaultBackend == nil && len(d.in.Spec.Rules) == 0 && !d.trusted {
		d.refuse(spec, cmp.Or(int32(d.in.Lines.Spec), n.line), "must have rules or a default backend")
	}
}

func (d *ingressReader) spec(n *node, at path) {
	defaultBackend := "defaultBackend"
	if d.old {
		defaultBackend = "backend"
	}
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "ingressClassName":
			if d.is(c, here, text) {
				s := d.text(c, here)
				d.check(here, c.keyLine, s, checkSubdomain(s))
				d.in.Spec.IngressClassName = &s
			}
		case defaultBackend:
			if d.is(c, here, mapping) {
				b := d.backend(c, here)
				d.in.Spec.DefaultBackend = &b
			}
		case "tls":
			if d.is(c, here, sequence) {
				d.tls(c, here)
			}
		case "rules":
			if d.is(c, here, sequence) {
				d.rules(c, here)
			}
		default:
			d.unknown(c, here)
		}
	}
}

func (d *ingressReader) tls(n *node, at path) {
	d.in.Spec.TLS = make([]netv1.IngressTLS, n.count)
	d.in.Lines.TLS = make([]int, n.count)
	i := 0
	for block := range n.children {
		here := path{up: &at, index: i}
		t := &d.in.Spec.TLS[i]
		d.in.Lines.TLS[i] = d.place(block.line)
		i++
		if !d.is(block, here, mapping) {
			continue
		}
		for c := range block.children {
			field := path{up: &here, key: c.key}
			switch c.key {
			case "hosts":
				t.Hosts = d.hosts(c, field)
			case "secretName":
				if t.SecretName = d.text(c, field); t.SecretName != "" {
					d.check(field, c.keyLine, t.SecretName, checkSubdomain(t.SecretName))
				}
			default:
				d.unknown(c, field)
			}
		}
	}
}

func (d *ingressReader) hosts(n *node, at path) []string {
	if !d.is(n, at, sequence) {
		return nil
	}
	hosts := make([]string, 0, n.count)
	for c := range n.children {
		here := path{up: &at, index: len(hosts)}
		s := d.text(c, here)
		if c.kind == text || c.kind == null {
			d.check(here, c.line, s, checkWildcard(s))
		}
		hosts = append(hosts, s)
	}
	return hosts
}

func (d *ingressReader) rules(n *node, at path) {
	d.in.Spec.Rules = make([]netv1.IngressRule, n.count)
	d.in.Lines.Rules = make([]int, n.count)
	d.in.Lines.Paths = make([][]int, n.count)
	i := 0
	for c := range n.children {
		d.in.Lines.Rules[i] = d.place(c.line)
		if here := (path{up: &at, index: i}); d.is(c, here, mapping) {
			d.rule(c, here, &d.in.Spec.Rules[i], &d.in.Lines.Paths[i])
		}
		i++
	}
}

func (d *ingressReader) rule(n *node, at path, rule *netv1.IngressRule, lines *[]int) {
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "host":
			if rule.Host = d.text(c, here); rule.Host != "" {
				d.check(here, c.keyLine, rule.Host, checkHost(rule.Host))
			}
		case "http":
			if d.is(c, here, mapping) {
				rule.HTTP = &netv1.HTTPIngressRuleValue{}
				d.http(c, here, rule.HTTP, lines)
			}
		default:
			d.unknown(c, here)
		}
	}
}

func (d *ingressReader) http(n *node, at path, http *netv1.HTTPIngressRuleValue, lines *[]int) {
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch {
		case c.key != "paths":
			d.unknown(c, here)
		case d.is(c, here, sequence):
			http.Paths = make([]netv1.HTTPIngressPath, c.count)
			*lines = make([]int, c.count)
			i := 0
			for p := range c.children {
				(*lines)[i] = d.place(p.line)
				if there := (path{up: &here, index: i}); d.is(p, there, mapping) {
					d.path(p, there, &http.Paths[i])
				} else if p.kind == null {
					d.refuse(there, c.line, "must not be empty")
				}
				i++
			}
		}
	}
	if len(http.Paths) == 0 && !d.trusted {
		d.refuse(path{up: &at, key: "paths"}, n.line, "must have at least one path")
	}
}

func (d *ingressReader) path(n *node, at path, p *netv1.HTTPIngressPath) {
	hasBackend := false
	pathLine, typeLine := n.line, n.line
	pathType := ""
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "path":
			p.Path, pathLine = d.text(c, here), c.keyLine
		case "pathType":
			pathType, typeLine = d.text(c, here), c.keyLine
			if c.kind != text && c.kind != null {
				pathType = string(netv1.PathTypeImplementationSpecific) // already refused
			}
		case "backend":
			if d.is(c, here, mapping) {
				hasBackend = true
				p.Backend = d.backend(c, here)
			}
		default:
			d.unknown(c, here)
		}
	}
	p.PathType = d.pathType(pathType, path{up: &at, key: "pathType"}, typeLine)
	if *p.PathType != netv1.PathTypeImplementationSpecific {
		d.check(path{up: &at, key: "path"}, pathLine, p.Path, checkPath(p.Path))
	} else if p.Path != "" && !strings.HasPrefix(p.Path, "/") {
		d.check(path{up: &at, key: "path"}, pathLine, p.Path, "must begin with a slash")
	}
	if !hasBackend && !d.trusted {
		d.refuse(path{up: &at, key: "backend"}, n.line, "is missing")
	}
}

// pathType gives the type of a path. Only the old API versions have a default.
func (d *ingressReader) pathType(s string, at path, line int32) *netv1.PathType {
	switch t := netv1.PathType(s); t {
	case netv1.PathTypeExact, netv1.PathTypePrefix, netv1.PathTypeImplementationSpecific:
		return d.pathTypes.of(t)
	case "":
		if !d.old && !d.trusted {
			d.refuse(at, line, "is missing; it must be Exact, Prefix or ImplementationSpecific")
		}
	default:
		d.refuse(at, line, "must be Exact, Prefix or ImplementationSpecific, not "+s)
	}
	return d.pathTypes.of(netv1.PathTypeImplementationSpecific)
}

// pathTypes shares the three values that every path points to.
type pathTypes [3]*netv1.PathType

func (t *pathTypes) of(p netv1.PathType) *netv1.PathType {
	i := 0
	switch p {
	case netv1.PathTypeExact:
		i = 1
	case netv1.PathTypePrefix:
		i = 2
	}
	if t[i] == nil {
		t[i] = &p
	}
	return t[i]
}

func (d *ingressReader) resource(n *node, at path) *corev1.TypedLocalObjectReference {
	if !d.is(n, at, mapping) {
		return nil
	}
	ref := &corev1.TypedLocalObjectReference{}
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "apiGroup":
			if d.is(c, here, text) {
				s := d.text(c, here)
				ref.APIGroup = &s
			}
		case "kind":
			ref.Kind = d.text(c, here)
		case "name":
			ref.Name = d.text(c, here)
		default:
			d.unknown(c, here)
		}
	}
	if (ref.Kind == "" || ref.Name == "") && !d.trusted {
		d.refuse(at, n.keyLine, "must have a kind and a name")
	}
	return ref
}
