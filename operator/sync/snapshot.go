package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/translate/resolve"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// snapshot reads the cache. Objects are not copied before they are read; nothing changes them.
func (r *Reconciler) snapshot(ctx context.Context) (*snapshot.Snapshot, error) {
	l := load.NewLive()
	kinds := []struct {
		schema.GroupVersionKind
		list client.ObjectList
	}{
		{netv1.SchemeGroupVersion.WithKind("Ingress"), &netv1.IngressList{}},
		{netv1.SchemeGroupVersion.WithKind("IngressClass"), &netv1.IngressClassList{}},
		{corev1.SchemeGroupVersion.WithKind("Service"), &corev1.ServiceList{}},
	}
	for _, k := range r.Istio {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(k.GroupVersion().WithKind(k.Kind + "List"))
		kinds = append(kinds, struct {
			schema.GroupVersionKind
			list client.ObjectList
		}{k, list})
	}
	for _, k := range kinds {
		if err := r.Cache.List(ctx, k.list, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("listing kind %s: %w", k.Kind, err)
		}
		apiVersion := k.GroupVersion().String()
		if err := meta.EachListItem(k.list, func(o runtime.Object) error { return l.Add(apiVersion, k.Kind, o) }); err != nil {
			return nil, err
		}
	}
	if err := r.secrets(ctx, l); err != nil {
		return nil, err
	}
	if err := r.configMaps(ctx, l); err != nil {
		return nil, err
	}
	return l.Snapshot(), nil
}

// metadata lists the metadata of a kind of the core group.
func (r *Reconciler) metadata(ctx context.Context, kind string) ([]metav1.PartialObjectMetadata, error) {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind + "List"))
	if err := r.Cache.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing kind %s: %w", kind, err)
	}
	return list.Items, nil
}

func (r *Reconciler) secrets(ctx context.Context, l *load.Live) error {
	if !r.Secrets {
		l.Withheld("secrets", errors.New("the operator runs with --watch-secrets=false"))
		return nil
	}
	items, err := r.metadata(ctx, "Secret")
	if err != nil {
		return err
	}
	keys := make([]snapshot.Key, len(items))
	for i := range items {
		keys[i] = snapshot.Key{Namespace: items[i].Namespace, Name: items[i].Name}
	}
	l.Secrets(keys)
	return nil
}

// configMap is a ConfigMap as it was last read.
type configMap struct {
	version string
	object  *corev1.ConfigMap
}

// NamesConfigMap tells whether the translation depends on a ConfigMap.
func (r *Reconciler) NamesConfigMap(o client.Object) bool {
	named := r.named.Load()
	return named == nil || isController(o.GetLabels()) || (*named)[snapshot.Key{Namespace: o.GetNamespace(), Name: o.GetName()}]
}

// isController tells whether an object is part of an installation of ingress-nginx.
func isController(labels map[string]string) bool {
	return labels["app.kubernetes.io/name"] == "ingress-nginx"
}

// configMaps reads those that the translation depends on: of the controller, of its arguments and annotations, and those that
// these ConfigMaps name in turn. All others are known by name only. That one is needed is noted before it is read: a change
// of it meanwhile then leads to another translation.
func (r *Reconciler) configMaps(ctx context.Context, l *load.Live) error {
	items, err := r.metadata(ctx, "ConfigMap")
	if err != nil {
		return err
	}
	versions := make(map[snapshot.Key]string, len(items))
	keys := r.configuredMaps()
	for i := range items {
		key := snapshot.Key{Namespace: items[i].Namespace, Name: items[i].Name}
		versions[key] = items[i].ResourceVersion
		if isController(items[i].Labels) {
			keys = append(keys, key)
		}
	}
	wanted := map[snapshot.Key]bool{}
	for range 2 {
		keys = append(keys, l.ConfigMaps()...)
		noted := maps.Clone(wanted)
		if before := r.named.Load(); before != nil {
			maps.Copy(noted, *before)
		}
		for _, key := range keys {
			noted[key] = true
		}
		r.named.Store(&noted)
		for _, key := range keys {
			if version := versions[key]; version != "" && !wanted[key] {
				if err := r.configMap(ctx, l, key, version); err != nil {
					return err
				}
			}
			wanted[key] = true
		}
	}
	r.named.Store(&wanted)
	maps.DeleteFunc(r.read, func(k snapshot.Key, _ configMap) bool { return !wanted[k] })
	return nil
}

// configuredMaps are the ConfigMaps that the options name.
func (r *Reconciler) configuredMaps() []snapshot.Key {
	var keys []snapshot.Key
	if key := r.Options.Source.ControllerConfig; key != (snapshot.Key{}) {
		keys = append(keys, key)
	}
	flags := resolve.Args(r.Options.Source.ControllerArgs)
	for _, flag := range [...]string{"configmap", "tcp-services-configmap", "udp-services-configmap"} {
		if key, ok := parseKey(flags[flag]); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

func parseKey(s string) (snapshot.Key, bool) {
	namespace, name, ok := strings.Cut(s, "/")
	return snapshot.Key{Namespace: namespace, Name: name}, ok
}

func (r *Reconciler) configMap(ctx context.Context, l *load.Live, key snapshot.Key, version string) error {
	known, ok := r.read[key]
	if !ok || known.version != version {
		c := &corev1.ConfigMap{}
		err := r.Direct.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name}, c)
		switch {
		case apierrors.IsNotFound(err):
			return nil
		case apierrors.IsForbidden(err):
			l.Withheld("configmap "+key.String(), err)
			return nil
		case err != nil:
			return fmt.Errorf("reading ConfigMap %s: %w", key, err)
		}
		c.ManagedFields, c.BinaryData = nil, nil
		known = configMap{c.ResourceVersion, c}
		r.read[key] = known
	}
	return l.Add("v1", "ConfigMap", known.object)
}
