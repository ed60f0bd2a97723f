package load

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// typeMeta is what an object says it is.
type typeMeta struct{ kind, apiVersion string }

// element is what the items of a list are when they do not say it themselves, as in an answer of an API server.
func (t typeMeta) element() typeMeta {
	if t.kind == "List" {
		return typeMeta{}
	}
	return typeMeta{strings.TrimSuffix(t.kind, "List"), t.apiVersion}
}

func groupOf(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// ownGroup tells whether an API group is one of Kubernetes' own. Other projects have kinds named Ingress too.
func ownGroup(group string) bool {
	return !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io")
}

const maxLists = 10 // lists within lists

// object reads what a document holds: an object, or a list of them.
func (r *reader) object(n, twice *node, inherited typeMeta, depth int) {
	switch n.kind {
	case null:
		return
	case mapping:
	case sequence:
		r.bareList(n, twice, depth)
		return
	default:
		r.setAside(finding.Unreadable, finding.Origin{Object: r.origin(n.line)}, "it is text, not a manifest")
		return
	}
	t := typeMeta{n.str("kind"), n.str("apiVersion")}
	if t == (typeMeta{}) {
		t = inherited
	}
	items := n.get("items")
	switch {
	case t.kind == "":
		r.withoutKind(n, t.apiVersion)
	case strings.HasSuffix(t.kind, "List") && items != nil:
		if items.kind != sequence && items.kind != null || depth > maxLists {
			r.snapshot.Findings.Report(finding.Unreadable, finding.Origin{Object: r.origin(n.line), Line: r.place(items.keyLine)}, "items must be a list")
			return
		}
		for c := range items.children {
			r.object(c, within(twice, c), t.element(), depth+1)
		}
	default:
		r.kind(n, twice, t)
	}
}

// within is a duplicate key, if it stands in the given item of a list.
func within(twice, item *node) *node {
	if twice == nil || twice.keyLine < item.line || (item.next != nil && twice.keyLine >= item.next.line && item.next.line > item.line) {
		return nil
	}
	return twice
}

// bareList reads a list that is no object. No API server takes it, but nothing is gained by losing what it holds.
func (r *reader) bareList(n, twice *node, depth int) {
	objects := false
	for c := range n.children {
		objects = objects || (c.str("kind") != "" && c.str("apiVersion") != "")
	}
	if !objects || depth > maxLists {
		r.foreign(n, "", "a list that holds no objects")
		return
	}
	for c := range n.children {
		r.object(c, within(twice, c), typeMeta{}, depth+1)
	}
}

// foreign says that something is passed over.
func (r *reader) foreign(n *node, kind, what string) {
	o := r.origin(n.line)
	md := n.get("metadata")
	o.Kind, o.Namespace, o.Name = r.keep(kind), r.keep(md.str("namespace")), r.keep(md.str("name"))
	r.setAside(finding.ForeignKind, finding.Origin{Object: o}, what)
}

func (r *reader) withoutKind(n *node, apiVersion string) {
	if g := groupOf(apiVersion); g == "networking.k8s.io" || g == "extensions" {
		d := r.subject(n, nil, "")
		d.object.Name = r.keep(n.get("metadata").str("name"))
		d.refuse(path{key: "kind"}, n.line, "is missing")
		d.settle()
		return
	}
	if n.get("sops") != nil {
		r.snapshot.Findings.Report(finding.Encrypted, finding.Origin{Object: r.origin(n.line)}, "what it is cannot be seen")
		return
	}
	r.foreign(n, "", "a document without a kind")
}

// kind reads an object if its kind is one that a translation looks at.
func (r *reader) kind(n, twice *node, t typeMeta) {
	group := groupOf(t.apiVersion)
	switch {
	case strings.EqualFold(t.kind, "Ingress"):
		r.ingressKind(n, twice, t, group)
	case group == "networking.k8s.io" && t.kind == "IngressClass":
		r.ingressClass(n, twice)
	case group == "networking.istio.io" && t.kind == "Gateway":
		r.istioGateway(n, twice)
	case group == "networking.istio.io" && t.kind == "DestinationRule":
		r.destinationRule(n, twice)
	case group == "template.openshift.io" && t.kind == "Template", t.kind == "Template" && n.get("objects") != nil:
		o := r.origin(n.line)
		o.Kind, o.Name = "Template", r.keep(n.get("metadata").str("name"))
		r.snapshot.Findings.Report(finding.TemplateSource, finding.Origin{Object: o}, "an OpenShift Template")
	case t.apiVersion != "v1":
		r.passed.add(t.kind)
	case t.kind == "Service":
		r.service(n, twice)
	case t.kind == "Secret":
		r.secret(n, twice)
	case t.kind == "ConfigMap":
		r.configMap(n, twice)
	case t.kind == "Namespace":
		r.namespace(n, twice)
	default:
		r.passed.add(t.kind)
	}
}

func (r *reader) ingressKind(n, twice *node, t typeMeta, group string) {
	switch {
	case t.kind != "Ingress" && group != "networking.k8s.io" && group != "extensions":
		r.passed.add(t.kind)
	case !ownGroup(group):
		r.foreign(n, "Ingress", "Ingress of "+t.apiVersion)
	case t.kind != "Ingress":
		d := r.subject(n, twice, "Ingress")
		d.meta(n, scope{namespaced: true, name: checkSubdomain})
		d.refuse(path{key: "kind"}, n.line, "is "+t.kind+", which does not exist; Ingress does")
		d.settle()
		r.snapshot.Failed++
	default:
		r.ingress(n, twice, t.apiVersion)
	}
}
