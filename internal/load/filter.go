package load

import "k8s.io/apimachinery/pkg/labels"

// filter says which Ingresses are wanted. What they refer to is always read: it may stand in another namespace.
type filter struct {
	namespace string // where objects without a namespace belong
	all       bool
	selector  labels.Selector // nil: any
}

func newFilter(o Options) filter {
	return filter{namespace: o.Namespace, all: o.AllNamespaces || o.Namespace == ""}
}

func (f filter) defaultNamespace() string {
	if f.namespace == "" {
		return "default"
	}
	return f.namespace
}

func (f filter) wants(namespace string, l map[string]string) bool {
	return (f.all || namespace == f.namespace) && (f.selector == nil || f.selector.Matches(labels.Set(l)))
}
