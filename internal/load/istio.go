package load

import (
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// ours tells whether an object was made by an earlier translation.
func ours(m *metav1.ObjectMeta) bool { return m.Labels["app.kubernetes.io/managed-by"] == "ingress2gw" }

// istioGateway reads an existing Gateway: which hosts are taken on which ports.
func (r *reader) istioGateway(n, twice *node) {
	d := r.subject(n, twice, "Gateway")
	m, _ := d.meta(n, scope{namespaced: true, name: checkSubdomain})
	g := &snapshot.Gateway{Object: d.object, Key: snapshot.Key{Namespace: m.Namespace, Name: m.Name}, Ours: ours(&m)}
	at := path{key: "spec"}
	if spec := n.get("spec"); d.is(spec, at, mapping) {
		if s := spec.get("selector"); d.is(s, path{up: &at, key: "selector"}, mapping) {
			g.Selector = make(map[string]string, s.count)
			here := path{up: &at, key: "selector"}
			for c := range s.children {
				g.Selector[d.keep(c.key)] = d.text(c, path{up: &here, key: c.key})
			}
		}
		here := path{up: &at, key: "servers"}
		if servers := spec.get("servers"); d.is(servers, here, sequence) {
			for s := range servers.children {
				g.Servers = append(g.Servers, d.server(s, path{up: &here, index: len(g.Servers)}))
			}
		}
	}
	if d.settle() {
		r.add(definition{version: versionOf(&m), object: d.object, value: g})
	}
}

func (d *subject) server(n *node, at path) (s snapshot.Server) {
	if !d.is(n, at, mapping) {
		return s
	}
	port := path{up: &at, key: "port"}
	if p := n.get("port"); d.is(p, port, mapping) {
		s.Port = d.portNumber(p.get("number"), path{up: &port, key: "number"})
		s.Protocol = d.text(p.get("protocol"), path{up: &port, key: "protocol"})
	}
	s.Hosts = d.texts(n.get("hosts"), path{up: &at, key: "hosts"})
	if tls := n.get("tls"); d.is(tls, path{up: &at, key: "tls"}, mapping) {
		redirect := tls.get("httpsRedirect")
		s.Redirect = redirect != nil && redirect.kind == boolean && redirect.text == "true"
	}
	return s
}

// portNumber reads a number that may be written as a string, as in all objects that are protobuf messages inside.
func (d *subject) portNumber(n *node, at path) uint32 {
	if n != nil && n.kind == text {
		i, err := strconv.ParseUint(n.text, 10, 16)
		if err != nil {
			d.wrongKind(n, at, integer)
		}
		return uint32(i)
	}
	return uint32(max(d.number(n, at), 0))
}

func (d *subject) texts(n *node, at path) []string {
	if !d.is(n, at, sequence) {
		return nil
	}
	list := make([]string, 0, n.count)
	for c := range n.children {
		list = append(list, d.text(c, path{up: &at, index: len(list)}))
	}
	return list
}

func (r *reader) destinationRule(n, twice *node) {
	d := r.subject(n, twice, "DestinationRule")
	m, _ := d.meta(n, scope{namespaced: true, name: checkSubdomain})
	rule := &snapshot.DestinationRule{Object: d.object, Key: snapshot.Key{Namespace: m.Namespace, Name: m.Name}, Ours: ours(&m)}
	at := path{key: "spec"}
	if spec := n.get("spec"); d.is(spec, at, mapping) {
		rule.Host = d.text(spec.get("host"), path{up: &at, key: "host"})
		rule.ExportTo = d.texts(spec.get("exportTo"), path{up: &at, key: "exportTo"})
		policy := spec.get("trafficPolicy")
		rule.HasPolicy = policy != nil && policy.kind == mapping
	}
	if d.settle() {
		r.add(definition{version: versionOf(&m), object: d.object, value: rule})
	}
}
