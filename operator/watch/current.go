package watch

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// made selects what translations made.
const made = v1alpha1.LabelMigration

// Selector says which objects of a kind are input. DestinationRules that translations made say nothing to a translation, and there are
// as many as Services.
func Selector(o runtime.Object) string {
	if u, ok := o.(*unstructured.Unstructured); ok && u.GetKind() == "DestinationRule" {
		return "!" + made
	}
	return ""
}

// pauses between looking whether a watch has caught up.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
)

// CatchUp waits until the caches hold at least what the server held when this was called. A replica that takes over would otherwise act
// on what the one before has changed since, if one of its watches lags: a host that went live would not be known to be. Only names and
// versions are asked for. While it may not even ask, refused is called now and then. The error is that of the context.
func (w *Watcher) CatchUp(ctx context.Context, server client.Client, refused func(context.Context)) error {
	logger := log.FromContext(ctx).WithName("watch")
	for _, f := range w.all() {
		denied := false
		for pause := firstPause; ; pause = min(2*pause, lastPause) {
			what, err := w.lags(ctx, server, f)
			if w.Listed(f.name, err); err == nil && what == "" {
				if denied {
					w.Watched(f.name, nil)
				}
				break
			}
			if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) { // then its watch tells nothing new either
				logger.Error(err, "Not known whether a watch lags", "watch", f.name)
				break
			}
			if apierrors.IsForbidden(err) {
				denied = true
				refused(ctx)
			}
			if pause > time.Second {
				logger.Info("Nothing is done until a watch has caught up", "watch", f.name, "lacks", what, "error", err)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
	}
	return nil
}

// lags names an object of which the cache does not know what the server does; "" if there is none.
func (w *Watcher) lags(ctx context.Context, server client.Client, f *followed) (string, error) {
	gvk, err := server.GroupVersionKindFor(f.object)
	if err != nil {
		return "", err
	}
	selector := made
	if f.input {
		selector = Selector(f.object)
	}
	there, now, err := versions(ctx, server, gvk, selector)
	if err != nil {
		return "", fmt.Errorf("listing %s: %w", gvk.Kind, err)
	}
	var lagging string
	cached := func(key client.ObjectKey, version string) {
		v, ok := there[key]
		if delete(there, key); lagging == "" && (ok && apply.Newer(v, version) || !ok && !apply.Newer(version, now)) {
			lagging = key.String()
		}
	}
	if f.input {
		err = w.eachInput(ctx, server, f.object, gvk, cached)
	} else {
		w.Live.each(gvk, cached)
	}
	for key := range there { // it is new, or gone since
		lagging = key.String()
	}
	return lagging, err
}

// versions are those of all objects of a kind, and of the moment when they are.
func versions(ctx context.Context, server client.Client, gvk schema.GroupVersionKind, selector string) (there map[client.ObjectKey]string, now string, err error) {
	const page = 500
	s, err := labels.Parse(selector)
	if err != nil {
		return nil, "", err
	}
	there = map[client.ObjectKey]string{}
	for next := ""; ; {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(listKind(gvk))
		if err := server.List(ctx, list, &client.ListOptions{LabelSelector: s, Limit: page, Continue: next}); err != nil {
			return nil, "", err
		}
		for i := range list.Items {
			there[client.ObjectKeyFromObject(&list.Items[i])] = list.Items[i].ResourceVersion
		}
		if next = list.Continue; next == "" {
			return there, list.ResourceVersion, nil
		}
	}
}

func listKind(gvk schema.GroupVersionKind) schema.GroupVersionKind {
	return gvk.GroupVersion().WithKind(gvk.Kind + "List")
}

// eachInput calls f for what the cache of the input holds of a kind.
func (w *Watcher) eachInput(ctx context.Context, server client.Client, o client.Object, gvk schema.GroupVersionKind, f func(client.ObjectKey, string)) error {
	var list client.ObjectList
	switch o.(type) {
	case *metav1.PartialObjectMetadata:
		l := &metav1.PartialObjectMetadataList{}
		l.SetGroupVersionKind(listKind(gvk))
		list = l
	case *unstructured.Unstructured:
		l := &unstructured.UnstructuredList{}
		l.SetGroupVersionKind(listKind(gvk))
		list = l
	default:
		made, err := server.Scheme().New(listKind(gvk))
		if err != nil {
			return err
		}
		typed, ok := made.(client.ObjectList)
		if !ok {
			return fmt.Errorf("%T is no list", made)
		}
		list = typed
	}
	if err := w.Inputs.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	return meta.EachListItem(list, func(x runtime.Object) error {
		o, err := meta.Accessor(x)
		if err == nil {
			f(client.ObjectKey{Namespace: o.GetNamespace(), Name: o.GetName()}, o.GetResourceVersion())
		}
		return err
	})
}
