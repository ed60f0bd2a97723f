package operator

import (
	"fmt"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/ingress2gw/ingress2gw/operator/sync"
)

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
	case *netv1.IngressClass: // an annotation makes it the default
	case *corev1.Service:
		o.Annotations, o.Status = nil, corev1.ServiceStatus{}
	case *metav1.PartialObjectMetadata:
		o.Annotations, o.OwnerReferences, o.Finalizers = nil, nil, nil
	case *unstructured.Unstructured:
		o.SetAnnotations(nil)
		unstructured.RemoveNestedField(o.Object, "status")
	}
	return in, nil
}

// istioKinds are the kinds of Istio that a translation looks at and the cluster has.
func istioKinds(mapper meta.RESTMapper) ([]schema.GroupVersionKind, error) {
	var found []schema.GroupVersionKind
	for _, kind := range [...]string{"Gateway", "DestinationRule"} {
		m, err := mapper.RESTMapping(schema.GroupKind{Group: "networking.istio.io", Kind: kind})
		switch {
		case meta.IsNoMatchError(err):
		case err != nil:
			return nil, fmt.Errorf("looking for Istio's kinds: %w", err)
		default:
			found = append(found, m.GroupVersionKind)
		}
	}
	return found, nil
}

// watch starts a translation whenever something that it depends on changes.
func watch(m manager.Manager, r *sync.Reconciler) error {
	once := true // one process has one operator, a test several after another
	changed := builder.WithPredicates(predicate.ResourceVersionChangedPredicate{})
	// Controllers write the status of an Ingress now and then; that is no change.
	stated := builder.WithPredicates(predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}, predicate.LabelChangedPredicate{}))
	// Of a Secret it matters only whether it is there.
	there := builder.WithPredicates(predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }})
	named := builder.WithPredicates(predicate.NewPredicateFuncs(r.NamesConfigMap))
	b := builder.ControllerManagedBy(m).Named("translation").
		WithOptions(controller.Options{MaxConcurrentReconciles: 1, SkipNameValidation: &once}).
		WithLogConstructor(func(*reconcile.Request) logr.Logger { return m.GetLogger() }).
		WatchesRawSource(r.Begin()).
		Watches(&netv1.Ingress{}, r.Handler(), stated).
		Watches(&netv1.IngressClass{}, r.Handler(), changed).
		Watches(&corev1.Service{}, r.Handler(), changed).
		Watches(&corev1.ConfigMap{}, r.Handler(), builder.OnlyMetadata, named, changed)
	if r.Secrets {
		b = b.Watches(&corev1.Secret{}, r.Handler(), builder.OnlyMetadata, there)
	}
	for _, kind := range r.Istio {
		o := &unstructured.Unstructured{}
		o.SetGroupVersionKind(kind)
		b = b.Watches(o, r.Handler(), changed)
	}
	return b.Complete(r)
}
