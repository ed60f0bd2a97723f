package operator

import (
	"context"
	"errors"
	"maps"
	"unique"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/sync"
	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// inputs say what is cached of what is translated.
func inputs(failed toolscache.WatchErrorHandlerWithContext, informers newInformer) cache.Options {
	return cache.Options{DefaultTransform: strip, ReaderFailOnMissingInformer: true, DefaultWatchErrorHandler: failed, NewInformer: informers}
}

// strip drops what no translation looks at before an object is cached. Above all the annotations of Secrets: kubectl apply
// leaves a copy of the whole object there, so that even metadata can hold key material.
func strip(in any) (any, error) {
	o, err := meta.Accessor(in)
	if err != nil {
		return in, nil //nolint:nilerr // what a watch says when an object's deletion was missed
	}
	o.SetManagedFields(nil)
	switch o := in.(type) {
	case *netv1.Ingress:
		o.Status = netv1.IngressStatus{}
		if _, ok := o.Annotations[corev1.LastAppliedConfigAnnotation]; ok {
			o.Annotations[corev1.LastAppliedConfigAnnotation] = ""
		}
	case *v1alpha1.IngressTranslation:
		share(o)
	case *netv1.IngressClass: // an annotation makes it the default
	case *corev1.Service:
		o.Annotations, o.Status = nil, corev1.ServiceStatus{}
	case *metav1.PartialObjectMetadata:
		o.Annotations, o.OwnerReferences, o.Finalizers = nil, nil, nil
	case *unstructured.Unstructured:
		released, ok := o.GetAnnotations()[apply.AnnotationReleased]
		o.SetAnnotations(nil)
		if ok {
			o.SetAnnotations(map[string]string{apply.AnnotationReleased: released})
		}
		unstructured.RemoveNestedField(o.Object, "status")
	}
	return in, nil
}

// share makes IngressTranslations hold words once that they have in common.
func share(t *v1alpha1.IngressTranslation) {
	once := func(words ...*string) {
		for _, w := range words {
			*w = unique.Make(*w).Value()
		}
	}
	once(&t.Namespace, &t.Spec.Migration)
	s := &t.Status
	for i := range s.Conditions {
		c := &s.Conditions[i]
		once(&c.Type, &c.Reason, &c.Message)
		c.Status = metav1.ConditionStatus(unique.Make(string(c.Status)).Value())
	}
	for i := range s.Objects {
		o := &s.Objects[i]
		once(&o.APIVersion, &o.Kind, &o.Namespace)
	}
}

// metadata is a kind of the core group of which only the metadata are watched.
func metadata(kind string) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{}
	o.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return o
}

// follow watches what every cluster has.
func follow(w *watch.Watcher, l *sync.Loop, secrets bool) error {
	ctx := context.Background() // the caches end with the manager
	// Controllers write the status of an object now and then; that is no change.
	stated := func(a, b client.Object) bool {
		return a.GetGeneration() != b.GetGeneration() || a.GetUID() != b.GetUID() || !maps.Equal(a.GetAnnotations(), b.GetAnnotations()) ||
			!maps.Equal(a.GetLabels(), b.GetLabels()) || (a.GetDeletionTimestamp() == nil) != (b.GetDeletionTimestamp() == nil)
	}
	served := func(a, b client.Object) bool {
		x, y := a.(*corev1.Service), b.(*corev1.Service)
		return !equality.Semantic.DeepEqual(x.Spec, y.Spec)
	}
	labelled := func(a, b client.Object) bool { return !maps.Equal(a.GetLabels(), b.GetLabels()) }
	named := func(_, b client.Object) bool { return l.NamesConfigMap(b) }
	err := errors.Join(
		w.Follow(ctx, &netv1.Ingress{}, stated), w.Follow(ctx, &netv1.IngressClass{}, nil), w.Follow(ctx, &corev1.Service{}, served),
		w.Follow(ctx, metadata("ConfigMap"), named), w.Follow(ctx, metadata("Namespace"), labelled),
	)
	for _, o := range sync.Own() {
		err = errors.Join(err, w.Follow(ctx, o, stated))
	}
	if secrets {
		err = errors.Join(err, w.Follow(ctx, metadata("Secret"), nil))
	}
	return err
}
