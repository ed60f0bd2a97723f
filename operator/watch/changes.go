package watch

import (
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// Kind is one whose objects are told apart when they change.
type Kind string

// The kinds.
const (
	Ingresses    Kind = "Ingress"
	Services     Kind = "Service"
	Translations Kind = "IngressTranslation"
	Secrets      Kind = "Secret"
)

// Noted names an object that changed.
type Noted struct {
	Kind Kind
	client.ObjectKey
}

// Changes are what changed: some objects, and maybe anything else.
type Changes struct {
	Objects map[Noted]bool
	Else    bool
}

// mostNoted is how many objects are told apart.
const mostNoted = 1000

// Add adds other changes.
func (c *Changes) Add(more Changes) {
	c.Else = c.Else || more.Else || len(c.Objects)+len(more.Objects) > mostNoted
	if c.Objects == nil {
		c.Objects = map[Noted]bool{}
	}
	if len(more.Objects) <= mostNoted {
		maps.Copy(c.Objects, more.Objects)
	}
}

// Take gives what changed since it was called before.
func (w *Watcher) Take() Changes {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.changes
	w.changes = Changes{}
	return c
}

// note notes that an object changed; of kinds that are not told apart, that anything did.
func (w *Watcher) note(in any) {
	if d, ok := in.(toolscache.DeletedFinalStateUnknown); ok {
		in = d.Obj
	}
	kind := Kind("")
	switch o := in.(type) {
	case *metav1.PartialObjectMetadata:
		if o.Kind == string(Secrets) {
			kind = Secrets
		}
	case *netv1.Ingress:
		kind = Ingresses
	case *corev1.Service:
		kind = Services
	case *v1alpha1.IngressTranslation:
		kind = Translations
	}
	o, ok := in.(client.Object)
	w.mu.Lock()
	if kind == "" || !ok || len(w.changes.Objects) >= mostNoted {
		w.changes.Else = true
	} else {
		if w.changes.Objects == nil {
			w.changes.Objects = map[Noted]bool{}
		}
		w.changes.Objects[Noted{kind, client.ObjectKeyFromObject(o)}] = true
	}
	w.mu.Unlock()
	signal(w.trigger)
}

// String is for logs.
func (n Noted) String() string { return fmt.Sprintf("%s %s", n.Kind, n.ObjectKey) }
