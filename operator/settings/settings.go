// Package settings turns a Migration into the options of a translation.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Settings are what a Migration says, checked.
type Settings struct {
	Name                  string
	Spec                  *v1alpha1.MigrationSpec
	Live                  translate.Options
	Shadow                *translate.Options // nil if there is no shadow gateway
	Namespaces, Ingresses labels.Selector
	Default               v1alpha1.Phase
}

// Of reads a Migration. The error is for its author.
func Of(m *v1alpha1.Migration) (*Settings, error) {
	s := &Settings{Name: m.Name, Spec: &m.Spec, Default: cmp.Or(m.Spec.DefaultPhase, v1alpha1.PhasePreview)}
	var errs []error
	var err error
	if s.Namespaces, err = selector(m.Spec.NamespaceSelector); err != nil {
		errs = append(errs, fmt.Errorf("namespaceSelector: %w", err))
	}
	if s.Ingresses, err = selector(m.Spec.IngressSelector); err != nil {
		errs = append(errs, fmt.Errorf("ingressSelector: %w", err))
	}
	s.Live.Source = source(&m.Spec.Source)
	errs = append(errs, target(&m.Spec, &s.Live.Target), waivers(m.Spec.Waive, &s.Live))
	if sh := m.Spec.Shadow; sh != nil {
		o := s.Live
		o.Target.Gateway.Namespace, o.Target.Gateway.Selector = sh.Namespace, sh.Selector
		if !isLabel(sh.Namespace) {
			errs = append(errs, fmt.Errorf("shadow: %q is not the name of a namespace", sh.Namespace))
		}
		if g := s.Live.Target.Gateway.Selector; SamePods(sh.Selector, g) {
			errs = append(errs, fmt.Errorf("shadow.selector: %s and gateway.selector (%s) may select the same pods: shadow.selector needs a label of gateway.selector with another value",
				cmp.Or(labels.FormatLabels(sh.Selector), "nothing"), labels.FormatLabels(g)))
		}
		s.Shadow = &o
	}
	return s, errors.Join(errs...)
}

// SamePods tells whether a pod may have all labels of both selectors, so that istiod gives it the Gateways of both. None can if they ask
// for different values of one label.
func SamePods(a, b map[string]string) bool {
	for k, v := range a {
		if other, ok := b[k]; ok && other != v {
			return false
		}
	}
	return true
}

func selector(l *metav1.LabelSelector) (labels.Selector, error) {
	if l == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(l)
}

func source(s *v1alpha1.Source) translate.SourceOptions {
	o := translate.SourceOptions{
		ControllerArgs: s.ControllerArgs, ControllerClass: s.ControllerClass, IngressClass: s.IngressClass,
		AnnotationsPrefix: s.AnnotationsPrefix, WatchIngressWithoutClass: s.WatchIngressWithoutClass,
	}
	if c := s.ControllerConfig; c != nil {
		o.ControllerConfig = key(*c)
	}
	return o
}

func key(n v1alpha1.ObjectName) snapshot.Key {
	return snapshot.Key{Namespace: n.Namespace, Name: n.Name}
}

func isLabel(s string) bool  { return len(content.IsDNS1123Label(s)) == 0 }
func isDomain(s string) bool { return len(content.IsDNS1123Subdomain(s)) == 0 }

func target(spec *v1alpha1.MigrationSpec, t *emit.Options) error {
	g, w := &spec.Gateway, &spec.Target
	*t = emit.Options{
		Ownership: emit.Ownership(spec.Ownership), Profile: emit.Profile(w.Profile), TLS: emit.TLSPolicy(spec.TLS.Policy), SNI: emit.SNIPolicy(w.SNI),
		Connections: emit.ConnectionPolicy(w.LimitConnections), NoEnvoyFilter: w.NoEnvoyFilter, NoLua: w.NoLua,
		DefaultCertificate: spec.TLS.DefaultCertificate, RoutesOnly: len(spec.GatewayMap) > 0,
		Gateway: emit.GatewayOptions{
			Namespace: g.Namespace, Selector: g.Selector, HTTPPort: uint32(g.HTTPPort), HTTPSPort: uint32(g.HTTPSPort), ClusterDomain: w.ClusterDomain,
		},
	}
	*t = t.Defaults()
	t.Waived = nil
	var errs []error
	if w.IstioVersion != "" {
		if _, err := fmt.Sscanf(w.IstioVersion, "%d.%d", &t.IstioVersion.Major, &t.IstioVersion.Minor); err != nil {
			errs = append(errs, fmt.Errorf("target.istioVersion: %q is not a version such as 1.31", w.IstioVersion))
		}
	}
	if !isLabel(t.Gateway.Namespace) {
		errs = append(errs, fmt.Errorf("gateway.namespace: %q is not the name of a namespace", t.Gateway.Namespace))
	}
	if !isDomain(t.Gateway.ClusterDomain) {
		errs = append(errs, fmt.Errorf("target.clusterDomain: %q is not a DNS name", t.Gateway.ClusterDomain))
	}
	if c := t.DefaultCertificate; c != "" && !isDomain(c) {
		errs = append(errs, fmt.Errorf("tls.defaultCertificate: %q is not the name of a Secret", c))
	}
	if t.Gateway.HTTPPort == t.Gateway.HTTPSPort {
		errs = append(errs, errors.New("gateway: httpPort and httpsPort must be two ports"))
	}
	for _, m := range spec.GatewayMap {
		k := key(m.Gateway)
		if !isLabel(k.Namespace) || !isDomain(k.Name) || (m.Host != "*" && !isDomain(strings.TrimPrefix(m.Host, "*."))) {
			errs = append(errs, fmt.Errorf("gatewayMap: %q does not map a host to a Gateway", m.Host))
		}
		t.GatewayMap = append(t.GatewayMap, emit.GatewayMapping{Host: m.Host, Gateway: k})
	}
	slices.SortFunc(t.GatewayMap, func(a, b emit.GatewayMapping) int { return cmp.Compare(a.Host, b.Host) })
	return errors.Join(errs...)
}

func waivers(ws []v1alpha1.Waiver, o *translate.Options) error {
	var waived []reports.Selector
	for _, w := range ws {
		text := w.Code
		if w.Object != "" {
			text += "=" + w.Object
		}
		s, err := reports.ParseSelector(text)
		if err != nil {
			return fmt.Errorf("waive: %w", err)
		}
		waived = append(waived, s)
	}
	o.Waived = func(code finding.Code, f *finding.Object) bool { return reports.MatchAny(waived, code, f) }
	o.Target.Waived = o.Waived
	return nil
}

// WithToken gives the options of a translation the secret that its guards rely on.
func (s *Settings) WithToken(token string) {
	s.Live.Target.GuardToken = token
	if s.Shadow != nil {
		s.Shadow.Target.GuardToken = token
	}
}
