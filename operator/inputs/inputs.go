// Package inputs holds what the cluster has in the form that a translation takes. An object is read again only when it changed, and
// by the code that reads files.
package inputs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Store remembers what was read.
type Store struct {
	Ingresses  Kept[*Ingress]
	Remembered Kept[*Ingress] // as IngressTranslations hold them
	Services   Kept[*snapshot.Service]
	Classes    Kept[*snapshot.Class]
	ConfigMaps Kept[*snapshot.ConfigMap]
	Gateways   Kept[*Gateway]
	Rules      Kept[*snapshot.DestinationRule]
	Secrets    Kept[*snapshot.Secret]
}

// Kept holds objects of one kind by name, each with the version that it was read at.
type Kept[T any] struct {
	byKey map[snapshot.Key]*kept[T]
	round int
}

type kept[T any] struct {
	version string
	value   T
	round   int
}

// Begin starts a round: what is not asked for until End is forgotten.
func (k *Kept[T]) Begin() {
	if k.byKey == nil {
		k.byKey = map[snapshot.Key]*kept[T]{}
	}
	k.round++
}

// Get gives what was read of an object, reading it if that was at another version.
func (k *Kept[T]) Get(key snapshot.Key, version string, read func() (T, error)) (T, error) {
	x := k.byKey[key]
	if x == nil || x.version != version {
		v, err := read()
		if err != nil {
			return v, err
		}
		x = &kept[T]{version: version, value: v}
		k.byKey[key] = x
	}
	x.round = k.round
	return x.value, nil
}

// Set notes what was read of an object outside of a round.
func (k *Kept[T]) Set(key snapshot.Key, version string, value T) {
	if k.byKey == nil {
		k.byKey = map[snapshot.Key]*kept[T]{}
	}
	k.byKey[key] = &kept[T]{version: version, value: value, round: k.round}
}

// Drop forgets an object.
func (k *Kept[T]) Drop(key snapshot.Key) { delete(k.byKey, key) }

// End forgets what is gone.
func (k *Kept[T]) End() {
	for key, x := range k.byKey {
		if x.round != k.round {
			delete(k.byKey, key)
		}
	}
}

// Version is that of an object; "" if there is none.
func (k *Kept[T]) Version(key snapshot.Key) string {
	if x := k.byKey[key]; x != nil {
		return x.version
	}
	return ""
}

// read makes a snapshot of one object.
func read(apiVersion, kind string, object any) (*snapshot.Snapshot, error) {
	l := load.NewLive()
	if err := l.Add(apiVersion, kind, object); err != nil {
		return nil, err
	}
	return l.Snapshot(), nil
}

// one gives the only value of a map.
func one[K comparable, T any](m map[K]T) (v T) {
	for _, v = range m {
		break
	}
	return v
}

// ReadService reads a Service.
func ReadService(o *corev1.Service) (*snapshot.Service, error) {
	s, err := read("v1", "Service", o)
	if err != nil {
		return nil, err
	}
	return one(s.Services), nil
}

// ReadClass reads an IngressClass.
func ReadClass(o *netv1.IngressClass) (*snapshot.Class, error) {
	s, err := read(netv1.SchemeGroupVersion.String(), "IngressClass", o)
	if err != nil {
		return nil, err
	}
	return one(s.Classes), nil
}

// ReadConfigMap reads a ConfigMap.
func ReadConfigMap(o *corev1.ConfigMap) (*snapshot.ConfigMap, error) {
	s, err := read("v1", "ConfigMap", o)
	if err != nil {
		return nil, err
	}
	return one(s.ConfigMaps), nil
}

// Gateway is an Istio Gateway with who made it.
type Gateway struct {
	*snapshot.Gateway
	Version, Migration, Edge string
	Created                  time.Time
}

// ReadGateway reads an Istio Gateway; nil if it makes no sense.
func ReadGateway(o *unstructured.Unstructured) (*Gateway, error) {
	s, err := read(o.GetAPIVersion(), "Gateway", o)
	if err != nil || len(s.Gateways) == 0 {
		return nil, err
	}
	l := o.GetLabels()
	return &Gateway{s.Gateways[0], o.GetResourceVersion(), l[v1alpha1.LabelMigration], l[v1alpha1.LabelEdge], o.GetCreationTimestamp().Time}, nil
}

// Without gives the Gateway without some of its TLS hosts.
func (g *Gateway) Without(drop func(port uint32, host string) bool) *snapshot.Gateway {
	c := *g.Gateway
	c.Ours, c.Servers = false, nil
	for _, s := range g.Servers {
		if TLS(s) {
			s.Hosts = slices.DeleteFunc(slices.Clone(s.Hosts), func(h string) bool { return drop(s.Port, Bare(h)) })
		}
		c.Servers = append(c.Servers, s)
	}
	return &c
}

// TLS tells whether a server chooses by SNI.
func TLS(s snapshot.Server) bool { return s.Protocol == "HTTPS" || s.Protocol == "TLS" }

// Bare is a host of a server without its namespace.
func Bare(host string) string {
	if _, h, ok := strings.Cut(host, "/"); ok {
		host = h
	}
	return strings.ToLower(host)
}

// ReadRule reads an Istio DestinationRule; nil if it makes no sense.
func ReadRule(o *unstructured.Unstructured) (*snapshot.DestinationRule, error) {
	s, err := read(o.GetAPIVersion(), "DestinationRule", o)
	if err != nil || len(s.DestinationRules) == 0 {
		return nil, err
	}
	return s.DestinationRules[0], nil
}

// NewSecret is a Secret of which nothing or everything is known.
func NewSecret(key snapshot.Key, kind string, data map[string][]byte) *snapshot.Secret {
	return &snapshot.Secret{Object: &finding.Object{Kind: "Secret", Namespace: key.Namespace, Name: key.Name}, Key: key, Type: kind, Data: data}
}

// ReadIngress reads an Ingress: an object, or JSON.
func ReadIngress(object any) (*Ingress, error) {
	s, err := read(netv1.SchemeGroupVersion.String(), "Ingress", object)
	if err != nil {
		return nil, fmt.Errorf("reading an Ingress: %w", err)
	}
	in := &Ingress{Read: s.Read, Failed: s.Failed, Findings: s.Findings.Sorted()}
	if len(s.Ingresses) > 0 {
		in.Ingress = s.Ingresses[0]
		in.learn()
	}
	return in, nil
}
