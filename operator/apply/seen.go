package apply

import (
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// seen is what is cached of an applied object. With thousands of them, the trees that clients make are most of what an operator holds.
type seen struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	live Live
}

// DeepCopyObject implements runtime.Object.
func (s *seen) DeepCopyObject() runtime.Object {
	c := &seen{TypeMeta: s.TypeMeta, live: s.live}
	s.DeepCopyInto(&c.ObjectMeta)
	return c
}

func newSeen(o *unstructured.Unstructured, content string) *seen {
	l := liveOf(o, o.GroupVersionKind())
	l.Content, l.Ours = content, isOurs(o.GetManagedFields())
	hosts, _, _ := unstructured.NestedFieldNoCopy(o.Object, "spec", "hosts")
	l.Root = hosts != nil
	if l.Content == l.Hash {
		l.Content = l.Hash // once is enough
	}
	return &seen{
		TypeMeta:   metav1.TypeMeta{APIVersion: l.APIVersion, Kind: l.Kind},
		ObjectMeta: metav1.ObjectMeta{Namespace: l.Namespace, Name: l.Name, UID: l.UID, ResourceVersion: l.Version}, live: l,
	}
}

// LiveOf reads an object that Strip has been at.
func LiveOf(o client.Object, gvk schema.GroupVersionKind) Live {
	if s, ok := o.(*seen); ok {
		return s.live
	}
	l, a := liveOf(o, gvk), o.GetAnnotations()
	l.Content, l.Ours = a[annotationContent], a[annotationOurs] != ""
	return l
}

// liveOf is what the metadata say. Words that all objects have in common are held once.
func liveOf(o client.Object, gvk schema.GroupVersionKind) Live {
	l, a := o.GetLabels(), o.GetAnnotations()
	apiVersion, kind := gvk.ToAPIVersionAndKind()
	return Live{
		Ref: Ref{once(apiVersion), once(kind), once(o.GetNamespace()), o.GetName()}, UID: o.GetUID(), Version: o.GetResourceVersion(),
		Migration: once(l[v1alpha1.LabelMigration]), Edge: once(l[v1alpha1.LabelEdge]),
		Hash: a[AnnotationHash], Adopted: a[v1alpha1.AnnotationAdopted] != "",
	}
}

func once(s string) string { return unique.Make(s).Value() }
