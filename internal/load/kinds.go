package load

import (
	"encoding/base64"
	"strings"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func (r *reader) ingressClass(n, twice *node) {
	r.snapshot.HasClasses = true
	d := r.subject(n, twice, "IngressClass")
	m, _ := d.meta(n, scope{name: checkSubdomain})
	c := &snapshot.Class{Object: d.object, Name: m.Name, Default: m.Annotations[netv1.AnnotationIsDefaultIngressClass] == "true"}
	spec := path{key: "spec"}
	if s := n.get("spec"); d.is(s, spec, mapping) {
		c.Controller = d.text(s.get("controller"), path{up: &spec, key: "controller"})
	}
	if c.Controller == "" && !d.trusted {
		d.refuse(path{key: "spec.controller"}, n.line, "is missing")
	}
	if d.settle() {
		r.add(definition{version: versionOf(&m), object: d.object, value: c})
	}
}

func (r *reader) namespace(n, twice *node) {
	d := r.subject(n, twice, "Namespace")
	m, _ := d.meta(n, scope{name: checkLabel})
	if d.settle() {
		r.snapshot.Namespaces[m.Name] = true
		if len(m.Labels) > 0 {
			r.snapshot.NamespaceLabels[m.Name] = m.Labels
		}
	}
}

func (r *reader) service(n, twice *node) {
	r.snapshot.HasServices = true
	d := r.subject(n, twice, "Service")
	m, _ := d.meta(n, scope{namespaced: true, name: checkLabel})
	s := &snapshot.Service{Object: d.object, Key: snapshot.Key{Namespace: m.Namespace, Name: m.Name}}
	at := path{key: "spec"}
	if spec := n.get("spec"); d.is(spec, at, mapping) {
		if d.text(spec.get("type"), path{up: &at, key: "type"}) == "ExternalName" {
			here, name := path{up: &at, key: "externalName"}, spec.get("externalName")
			s.ExternalName = d.text(name, here)
			if s.ExternalName != "" {
				d.check(here, name.place(), s.ExternalName, checkSubdomain(strings.TrimSuffix(s.ExternalName, ".")))
			}
		}
		s.Headless = d.text(spec.get("clusterIP"), path{up: &at, key: "clusterIP"}) == "None"
		if ports := spec.get("ports"); d.is(ports, path{up: &at, key: "ports"}, sequence) {
			s.Ports = make([]snapshot.ServicePort, 0, ports.count)
			here := path{up: &at, key: "ports"}
			for p := range ports.children {
				s.Ports = append(s.Ports, d.servicePort(p, path{up: &here, index: len(s.Ports)}))
			}
		}
	}
	if d.settle() {
		r.add(definition{version: versionOf(&m), object: d.object, value: s})
	}
}

func (d *subject) servicePort(n *node, at path) (p snapshot.ServicePort) {
	if !d.is(n, at, mapping) {
		return p
	}
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "name":
			p.Name = d.text(c, here)
		case "port":
			p.Number = d.number(c, here)
		case "protocol":
			p.Protocol = d.text(c, here)
		case "appProtocol":
			p.AppProtocol = d.text(c, here)
		case "targetPort":
			switch c.kind {
			case null:
			case text:
				p.TargetPort = d.text(c, here)
			default:
				if d.number(c, here) != 0 {
					p.TargetPort = d.keep(c.text)
				}
			}
		}
	}
	if (p.Number < 1 || p.Number > 65535) && !d.trusted {
		d.refuse(at, n.line, "must have a port between 1 and 65535")
	}
	return p
}

func (r *reader) secret(n, twice *node) {
	r.snapshot.HasSecrets = true
	d := r.subject(n, twice, "Secret")
	m, _ := d.meta(n, scope{namespaced: true, name: checkSubdomain})
	s := &snapshot.Secret{Object: d.object, Key: snapshot.Key{Namespace: m.Namespace, Name: m.Name}, Type: "Opaque"}
	if t := d.text(n.get("type"), path{key: "type"}); t != "" {
		s.Type = t
	}
	known := d.secretData(s, n.get("data"), path{key: "data"}, true)
	known = d.secretData(s, n.get("stringData"), path{key: "stringData"}, false) && known
	if !known {
		s.Data = nil // it exists, but what it holds is not known
	}
	encrypted := d.encrypted
	if d.settle() || (encrypted && d.twice == nil && d.template == "" && d.refusals == 0) {
		r.add(definition{version: versionOf(&m), object: d.object, value: s})
	}
}

// secretData reads the content of a Secret. known is false when a part of it is not yet what it will be.
func (d *subject) secretData(s *snapshot.Secret, n *node, at path, encoded bool) (known bool) {
	if !d.is(n, at, mapping) {
		return true
	}
	if s.Data == nil {
		s.Data = make(map[string][]byte, n.count)
	}
	known = true
	for c := range n.children {
		here := path{up: &at, key: c.key}
		if c.kind != text && c.kind != null {
			d.wrongKind(c, here, text)
			continue
		}
		value, err := []byte(c.text), error(nil)
		if encoded {
			value, err = base64.StdEncoding.DecodeString(c.text)
		}
		variable := variableIn(c.text, false)
		switch {
		case strings.HasPrefix(c.text, encryptedPrefix):
			d.encrypted, known = true, false
		case variable != "" && (err != nil || variable == c.text): // other text may hold what looks like a variable
			d.report(finding.UnexpandedVariable, finding.Invalid, d.at(here.String(), c.keyLine), variable)
			known = false
		case err != nil && strings.Contains(c.text, "{{"):
			d.template, d.templateLine = templateIn(c.text, true), c.line
		case err != nil:
			d.refuse(here, c.keyLine, "must be base64")
		}
		s.Data[d.keep(c.key)] = value
	}
	return known
}

func (r *reader) configMap(n, twice *node) {
	d := r.subject(n, twice, "ConfigMap")
	m, _ := d.meta(n, scope{namespaced: true, name: checkSubdomain})
	c := &snapshot.ConfigMap{Object: d.object, Key: snapshot.Key{Namespace: m.Namespace, Name: m.Name}, Data: map[string]string{}, Lines: map[string]int{}}
	at := path{key: "data"}
	if data := n.get("data"); d.is(data, at, mapping) {
		for v := range data.children {
			key := d.keep(v.key)
			switch {
			case v.kind == null:
				c.Data[key] = ""
			case d.is(v, path{up: &at, key: key}, text):
				// ConfigMaps hold anything, so that variables and templates in them say nothing.
				d.encrypted = d.encrypted || strings.HasPrefix(v.text, encryptedPrefix)
				c.Data[key] = d.keep(v.text)
			}
			c.Lines[key] = d.place(v.keyLine)
		}
	}
	if d.settle() {
		r.add(definition{version: versionOf(&m), object: d.object, value: c})
	}
}
