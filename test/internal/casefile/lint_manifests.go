package casefile

import (
	"encoding/base64"
	"slices"
)

func (l *linter) manifests() {
	docs, err := Documents(l.c.Manifests)
	if err != nil {
		l.fault("manifests: %v", err)
		return
	}
	seen := map[string]bool{}
	ingresses, aged := 0, 0
	for _, d := range docs {
		if seen[d.String()] {
			l.fault("%s occurs twice", d)
		}
		seen[d.String()] = true
		switch d.Kind() {
		case "Ingress":
			ingresses++
			if d.At("metadata", "creationTimestamp") != nil {
				aged++
			}
			l.ingress(d)
		case "Secret", "ConfigMap":
			l.data(d)
		default:
			l.fault("%s: only Ingress, ConfigMap and Secret belong here", d)
		}
	}
	if ingresses == 0 {
		l.fault("no Ingress in the manifests")
	}
	if aged != 0 && aged != ingresses {
		l.fault("only some Ingresses have a creationTimestamp")
	}
}

func (l *linter) data(d Object) {
	m, _ := d.At("data").(map[string]any)
	for key, v := range m {
		s, ok := v.(string)
		if !ok {
			l.fault("%s: key %s is not a string", d, key)
		} else if _, err := base64.StdEncoding.DecodeString(s); err != nil && d.Kind() == "Secret" {
			l.fault("%s: key %s is not base64", d, key)
		}
	}
}

func (l *linter) ingress(d Object) {
	if d.Text("apiVersion") != "networking.k8s.io/v1" {
		l.fault("%s: apiVersion", d)
	}
	annotations, _ := d.At("metadata", "annotations").(map[string]any)
	for key, v := range annotations {
		if _, ok := v.(string); !ok {
			l.fault("%s: annotation %s is not a string", d, key)
		}
	}
	if b, ok := d.At("spec", "defaultBackend").(map[string]any); ok {
		l.ingressBackend(d, b)
	}
	for _, r := range d.Items("spec", "rules") {
		for _, p := range r.Items("http", "paths") {
			if !slices.Contains([]string{"Exact", "Prefix", "ImplementationSpecific"}, p.Text("pathType")) {
				l.fault("%s: pathType of %q", d, p.Text("path"))
			}
			b, _ := p.At("backend").(map[string]any)
			l.ingressBackend(d, b)
		}
	}
}

func (l *linter) ingressBackend(d, b Object) {
	named, numbered := b.At("service", "port", "name") != nil, b.At("service", "port", "number") != nil
	if b.Text("service", "name") == "" || named == numbered {
		l.fault("%s: backend needs a Service name and one of port name and number", d)
	}
}
