package sync

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// input is what the cluster holds in one round.
type input struct {
	migrations   []v1alpha1.Migration // oldest first
	translations map[snapshot.Key]*v1alpha1.IngressTranslation
	ingresses    map[snapshot.Key]*netv1.Ingress
	namespaces   map[string]labels.Set
	read         map[snapshot.Key]*inputs.Ingress // of ingresses
	remembered   map[snapshot.Key]*inputs.Ingress // by IngressTranslations
	shared       *snapshot.Snapshot               // without Ingresses and Gateways
	gateways     []*inputs.Gateway
	secrets      map[snapshot.Key]string // versions
	unread       map[snapshot.Key]string // ConfigMaps that may not be read, with why
	controllers  map[snapshot.Key]bool   // ConfigMaps that are part of an installation of ingress-nginx
	version      string                  // of classes, ConfigMaps and DestinationRules
}

// istioKind is a kind of Istio that a translation looks at.
func istioKind(kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "networking.istio.io", Version: "v1", Kind: kind}
}

func (l *Loop) read(ctx context.Context) (*input, error) {
	in := &input{shared: snapshot.New(), secrets: map[snapshot.Key]string{}}
	in.shared.HasClasses, in.shared.HasServices, in.shared.HasSecrets = true, true, l.Secrets
	for _, step := range [...]func(context.Context, *input) error{
		l.readOwn, l.readIngresses, l.readClasses, l.readServices, l.readGateways, l.readRules, l.readSecrets, l.readConfigMaps,
	} {
		if err := step(ctx, in); err != nil {
			return nil, err
		}
	}
	in.version = l.versions(in)
	return in, nil
}

// list calls f for all objects of a kind in the cache, which must not be changed.
func list[T any](ctx context.Context, l *Loop, into client.ObjectList, f func(*T) error) error {
	if err := l.Cache.List(ctx, into, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing %T: %w", into, err)
	}
	return meta.EachListItem(into, func(o runtime.Object) error {
		x, ok := o.(any).(*T)
		if !ok {
			return fmt.Errorf("a %T in %T", o, into)
		}
		return f(x)
	})
}

func keyOf(o client.Object) snapshot.Key {
	return snapshot.Key{Namespace: o.GetNamespace(), Name: o.GetName()}
}

func versionOf(o client.Object) string { return string(o.GetUID()) + " " + o.GetResourceVersion() }

func (l *Loop) readOwn(ctx context.Context, in *input) error {
	in.translations, in.namespaces = map[snapshot.Key]*v1alpha1.IngressTranslation{}, map[string]labels.Set{}
	if err := list(ctx, l, &v1alpha1.MigrationList{}, func(m *v1alpha1.Migration) error {
		in.migrations = append(in.migrations, *m)
		return nil
	}); err != nil {
		return err
	}
	slices.SortFunc(in.migrations, func(a, b v1alpha1.Migration) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	if err := list(ctx, l, &v1alpha1.IngressTranslationList{}, func(t *v1alpha1.IngressTranslation) error {
		in.translations[keyOf(t)] = t
		return nil
	}); err != nil {
		return err
	}
	return list(ctx, l, metadata("Namespace"), func(n *metav1.PartialObjectMetadata) error {
		in.namespaces[n.Name] = n.Labels
		return nil
	})
}

// metadataOf is the metadata of an object of the core group.
func metadataOf(kind string) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{}
	o.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return o
}

// metadata is a list of the metadata of a kind of the core group.
func metadata(kind string) *metav1.PartialObjectMetadataList {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind + "List"))
	return list
}

func (l *Loop) readIngresses(ctx context.Context, in *input) error {
	in.ingresses, in.read = map[snapshot.Key]*netv1.Ingress{}, map[snapshot.Key]*inputs.Ingress{}
	k := &l.store.Ingresses
	k.Begin()
	if err := list(ctx, l, &netv1.IngressList{}, func(o *netv1.Ingress) error {
		key := keyOf(o)
		x, err := k.Get(key, versionOf(o), func() (*inputs.Ingress, error) { return inputs.ReadIngress(o) })
		if err != nil {
			return err
		}
		in.ingresses[key], in.read[key] = o, x
		return nil
	}); err != nil {
		return err
	}
	k.End()
	in.remembered = map[snapshot.Key]*inputs.Ingress{}
	r := &l.store.Remembered
	r.Begin()
	for key, t := range in.translations {
		if t.Spec.Ingress == nil || len(t.Spec.Ingress.Raw) == 0 {
			continue
		}
		x, err := r.Get(key, versionOf(t), func() (*inputs.Ingress, error) {
			if o := in.ingresses[key]; o != nil { // most are as they are remembered: they are held once
				if raw, err := essence(o); err == nil && bytes.Equal(raw, t.Spec.Ingress.Raw) {
					return in.read[key], nil
				}
			}
			return inputs.ReadIngress(t.Spec.Ingress)
		})
		if err != nil {
			return err
		}
		if x.Ingress != nil {
			in.remembered[key] = x
		}
	}
	r.End()
	return nil
}

func (l *Loop) readClasses(ctx context.Context, in *input) error {
	k := &l.store.Classes
	k.Begin()
	defer k.End()
	return list(ctx, l, &netv1.IngressClassList{}, func(o *netv1.IngressClass) error {
		x, err := k.Get(keyOf(o), versionOf(o), func() (*snapshot.Class, error) { return inputs.ReadClass(o) })
		if x != nil {
			in.shared.Classes[x.Name] = x
		}
		return err
	})
}

func (l *Loop) readServices(ctx context.Context, in *input) error {
	k := &l.store.Services
	k.Begin()
	defer k.End()
	return list(ctx, l, &corev1.ServiceList{}, func(o *corev1.Service) error {
		x, err := k.Get(keyOf(o), versionOf(o), func() (*snapshot.Service, error) { return inputs.ReadService(o) })
		if x != nil {
			in.shared.Services[x.Key] = x
		}
		return err
	})
}

// istio lists a kind of Istio's, if it is watched.
func (l *Loop) istio(ctx context.Context, kind string, f func(*unstructured.Unstructured) error) error {
	gvk := istioKind(kind)
	if !l.Watch.Following(gvk) {
		return nil
	}
	into := &unstructured.UnstructuredList{}
	into.SetGroupVersionKind(gvk.GroupVersion().WithKind(kind + "List"))
	return list(ctx, l, into, f)
}

func (l *Loop) readGateways(ctx context.Context, in *input) error {
	k := &l.store.Gateways
	k.Begin()
	defer k.End()
	err := l.istio(ctx, "Gateway", func(o *unstructured.Unstructured) error {
		x, err := k.Get(keyOf(o), versionOf(o), func() (*inputs.Gateway, error) { return inputs.ReadGateway(o) })
		if x != nil {
			in.gateways = append(in.gateways, x)
		}
		return err
	})
	slices.SortFunc(in.gateways, func(a, b *inputs.Gateway) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	return err
}

func (l *Loop) readRules(ctx context.Context, in *input) error {
	k := &l.store.Rules
	k.Begin()
	defer k.End()
	err := l.istio(ctx, "DestinationRule", func(o *unstructured.Unstructured) error {
		if o.GetLabels()[v1alpha1.LabelMigration] != "" || o.GetAnnotations()[apply.AnnotationReleased] != "" {
			return nil // made by a translation
		}
		x, err := k.Get(keyOf(o), versionOf(o), func() (*snapshot.DestinationRule, error) { return inputs.ReadRule(o) })
		if x != nil {
			in.shared.DestinationRules = append(in.shared.DestinationRules, x)
		}
		return err
	})
	in.shared.Normalise()
	return err
}

// versions sums up what every translation depends on.
func (l *Loop) versions(in *input) string {
	h := fnv.New128a()
	for _, c := range slices.Sorted(maps.Keys(in.shared.Classes)) {
		fmt.Fprintln(h, c, l.store.Classes.Version(snapshot.Key{Name: c}))
	}
	for _, k := range slices.SortedFunc(maps.Keys(in.shared.ConfigMaps), compareKeys) {
		fmt.Fprintln(h, k, l.store.ConfigMaps.Version(k))
	}
	for _, r := range in.shared.DestinationRules {
		fmt.Fprintln(h, r.Key, l.store.Rules.Version(r.Key))
	}
	return string(h.Sum(nil))
}

// stampOf sums up an Ingress with what it refers to.
func (r *round) stampOf(it *item) string {
	if it.stamp == "" {
		h := fnv.New128a()
		_, _ = io.WriteString(h, it.key.String()+" "+it.version+" "+strconv.FormatBool(it.suspended)+"\n")
		for _, k := range it.source.Needs {
			_, _ = io.WriteString(h, r.store.Services.Version(k)+" "+r.in.secrets[k]+" "+r.broken[k]+"\n")
		}
		it.stamp = string(h.Sum(nil))
	}
	return it.stamp
}

func compareKeys(a, b snapshot.Key) int { return strings.Compare(a.String(), b.String()) }
