// Package snapshot holds the input of a translation: the objects read from files or a cluster, indexed, each knowing
// where it stands.
package snapshot

import (
	"cmp"
	"slices"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Key names a namespaced object.
type Key struct{ Namespace, Name string }

// String is "namespace/name".
func (k Key) String() string { return k.Namespace + "/" + k.Name }

// Snapshot is everything one translation sees. It is not changed after loading. Slices are in no particular order until
// Normalise was called; nothing that is translated may depend on the order in which objects were read.
type Snapshot struct {
	Ingresses        []*Ingress
	Classes          map[string]*Class
	Services         map[Key]*Service
	Secrets          map[Key]*Secret
	ConfigMaps       map[Key]*ConfigMap
	Namespaces       map[string]bool
	NamespaceLabels  map[string]map[string]string // of namespaces that have any
	Gateways         []*Gateway                   // existing Istio Gateways
	DestinationRules []*DestinationRule           // existing Istio DestinationRules

	// HasClasses tells whether the input says which IngressClasses exist (a cluster always does). If not, telling
	// class names are believed.
	HasClasses bool
	// HasServices, HasSecrets: likewise; when false, a missing object is nothing to report as missing.
	HasServices, HasSecrets bool

	// Read and Failed count the Ingress documents met and those that could not be read. Read = len(Ingresses) + Failed.
	Read, Failed int

	Findings finding.List // what reading had to say
}

// Ingress is one Ingress, whatever its API version was, in the form of networking.k8s.io/v1.
type Ingress struct {
	netv1.Ingress
	Object *finding.Object
	Lines  Lines
}

// Lines are the places of the parts of an Ingress, in lines of its file; 0 or absent when unknown.
type Lines struct {
	Spec        int
	Annotations map[string]int
	TLS         []int   // by index in spec.tls
	Rules       []int   // by index in spec.rules
	Paths       [][]int // by indexes in spec.rules and http.paths
}

// Rule gives the line of a rule.
func (l *Lines) Rule(i int) int {
	if i >= 0 && i < len(l.Rules) {
		return l.Rules[i]
	}
	return l.Spec
}

// Path gives the line of a path.
func (l *Lines) Path(i, j int) int {
	if i >= 0 && i < len(l.Paths) && j >= 0 && j < len(l.Paths[i]) {
		return l.Paths[i][j]
	}
	return l.Rule(i)
}

// TLSBlock gives the line of a TLS block.
func (l *Lines) TLSBlock(i int) int {
	if i >= 0 && i < len(l.TLS) {
		return l.TLS[i]
	}
	return l.Spec
}

// Class is an IngressClass.
type Class struct {
	Object     *finding.Object
	Name       string
	Controller string
	Default    bool // marked as the cluster's default class
}

// Service is what a translation needs of a Service.
type Service struct {
	Object       *finding.Object
	Key          Key
	ExternalName string // set for type ExternalName
	Headless     bool
	Ports        []ServicePort
}

// ServicePort is one port of a Service.
type ServicePort struct {
	Name        string
	Number      int32
	TargetPort  string // number or name, as text; "" means the port's own number
	Protocol    string // TCP, UDP, SCTP; "" means TCP
	AppProtocol string
}

// Secret is a Secret. Data is only there when the input gave it (files); it is never printed, except by the copies of
// --tls copy.
type Secret struct {
	Object *finding.Object
	Key    Key
	Type   string
	Data   map[string][]byte // decoded; nil when the content is not known
}

// ConfigMap is a ConfigMap.
type ConfigMap struct {
	Object *finding.Object
	Key    Key
	Data   map[string]string
	Lines  map[string]int // line of each data key
}

// Gateway is an existing Istio Gateway.
type Gateway struct {
	Object   *finding.Object
	Key      Key
	Selector map[string]string
	Servers  []Server
	Ours     bool // carries our managed-by label: replaced by the translation, no conflict
}

// Server is one server of an existing Gateway.
type Server struct {
	Port     uint32
	Protocol string
	Hosts    []string // as written, with or without a namespace
	Redirect bool     // tls.httpsRedirect
}

// DestinationRule is an existing Istio DestinationRule.
type DestinationRule struct {
	Object    *finding.Object
	Key       Key
	Host      string // as written
	ExportTo  []string
	Ours      bool
	HasPolicy bool // has a top-level trafficPolicy
}

// Normalise puts all slices into an order that depends on the objects only.
func (s *Snapshot) Normalise() {
	slices.SortStableFunc(s.Ingresses, func(a, b *Ingress) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(s.Gateways, func(a, b *Gateway) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	slices.SortStableFunc(s.DestinationRules, func(a, b *DestinationRule) int {
		return cmp.Compare(a.Key.String(), b.Key.String())
	})
}

// New returns an empty snapshot.
func New() *Snapshot {
	return &Snapshot{
		Classes: map[string]*Class{}, Services: map[Key]*Service{}, Secrets: map[Key]*Secret{},
		ConfigMaps: map[Key]*ConfigMap{}, Namespaces: map[string]bool{}, NamespaceLabels: map[string]map[string]string{},
	}
}

// DefaultClass is the IngressClass that is marked as the cluster's default; of several, the first by name. nil if there
// is none.
func (s *Snapshot) DefaultClass() *Class {
	var d *Class
	for _, c := range s.Classes {
		if c.Default && (d == nil || c.Name < d.Name) {
			d = c
		}
	}
	return d
}
