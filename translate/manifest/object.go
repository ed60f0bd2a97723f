// Package manifest is the output of a translation: Kubernetes objects, who owns them, and how they are written as YAML
// and JSON, byte for byte the same on every run.
package manifest

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Object is one Kubernetes object to be applied.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	Labels, Annotations               map[string]string

	// Spec is a typed message (Istio API), as it is or Packed, or a tree of Map, []any, string, bool, int, int64, float64; nil for none.
	Spec any
	// Fields are further top-level fields, written after spec (a Secret's type and data).
	Fields Map

	// Owner is the namespace of the team that owns the object, or "" for the platform.
	Owner string
	// Origins are what in the input made the object, in order, each once.
	Origins []finding.Origin
	// Shared tells that more may need the object than Origins name.
	Shared bool
	// Stage orders objects of one kind that need each other: lower ones are applied first (filters before the routes that
	// switch them on, delegates before the routes that name them).
	Stage int
	// Secret tells that the object holds key material: it is only written to a file of its own.
	Secret bool
}

// Source says where a part of an object comes from.
type Source struct {
	Path    string // of the part, as in spec.http[0].corsPolicy
	Origins []finding.Origin
}

// Map is a mapping with a fixed order of keys.
type Map []Field

// Field is one entry of a Map.
type Field struct {
	Key   string
	Value any // Map, []any, []string, map[string]string, string, bool, int, int32, int64, uint32, float64, proto.Message, or Packed
}

// Message is what the generated Istio and Envoy types implement.
type Message = proto.Message

// ID is "Kind namespace/name", for messages and sorting.
func (o *Object) ID() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// kindOrder is the order in which kinds are applied: what others need comes first.
var kindOrder = []string{
	"Namespace", "ClusterRole", "RoleBinding", "Secret", "ConfigMap", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
	"Certificate", "ReferenceGrant", "ServiceEntry", "EnvoyFilter", "AuthorizationPolicy",
	"Telemetry", "DestinationRule", "Gateway", "VirtualService",
}

func rank(kind string) int {
	if i := slices.Index(kindOrder, kind); i >= 0 {
		return i
	}
	return len(kindOrder)
}

// Sort puts objects into the order in which they are printed and applied: what others need comes before
// what hangs on them, then by kind, stage, namespace and name.
func Sort(os []*Object) { slices.SortStableFunc(os, Compare) }

// Compare is the order of Sort.
func Compare(a, b *Object) int {
	switch {
	case a.Kind != b.Kind:
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.Kind, b.Kind))
	case a.Stage != b.Stage:
		return cmp.Compare(a.Stage, b.Stage)
	case a.Namespace != b.Namespace:
		return cmp.Compare(a.Namespace, b.Namespace)
	}
	return cmp.Compare(a.Name, b.Name)
}
