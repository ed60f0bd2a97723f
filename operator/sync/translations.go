package sync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/phase"
)

// keepsSource tells whether what serves the Ingress must stay complete without it.
func (it *item) keepsSource() bool {
	return phase.Rank(it.decision.Phase) >= phase.Rank(v1alpha1.PhaseLive)
}

// remember makes the IngressTranslations, and writes into those of live Ingresses what is about to be applied: so it is known when
// the Ingress is deleted, whoever is awake then.
func (r *round) remember(ctx context.Context) error {
	var written sync.Map
	err := r.each(ctx, func(ctx context.Context, it *item) error {
		var raw []byte
		switch {
		case it.gone:
			return nil // nothing to add
		case it.keepsSource() && it.suspended && it.it != nil && it.it.Spec.Ingress != nil:
			raw = it.it.Spec.Ingress.Raw
		case it.keepsSource() && it.it != nil && it.it.Spec.Ingress != nil && r.m.written[it.key] == it.version:
			return nil
		case it.keepsSource():
			var err error
			if raw, err = essence(it.cluster); err != nil {
				return err
			}
		}
		if old := it.it; old != nil && old.Spec.Migration == r.m.name && sameRaw(old.Spec.Ingress, raw) && hasOwner(old, it.cluster) == (raw == nil) {
			written.Store(it.key, it.version)
			return nil
		}
		if err := r.write(ctx, it, raw); err != nil {
			return err
		}
		written.Store(it.key, it.version)
		return nil
	})
	for _, it := range r.items {
		if v, ok := written.Load(it.key); ok {
			r.m.written[it.key], _ = v.(string)
		}
	}
	return err
}

func sameRaw(old *runtime.RawExtension, raw []byte) bool {
	if old == nil || len(old.Raw) == 0 {
		return raw == nil
	}
	return bytes.Equal(old.Raw, raw)
}

func hasOwner(t *v1alpha1.IngressTranslation, o *netv1.Ingress) bool {
	for _, ref := range t.OwnerReferences {
		if ref.UID == o.UID {
			return true
		}
	}
	return false
}

// essence is what a translation needs of an Ingress, as JSON with sorted keys.
func essence(o *netv1.Ingress) ([]byte, error) {
	annotations := map[string]string{}
	for k, v := range o.Annotations {
		if k != corev1.LastAppliedConfigAnnotation {
			annotations[k] = v
		}
	}
	c := netv1.Ingress{
		TypeMeta: metav1.TypeMeta{APIVersion: netv1.SchemeGroupVersion.String(), Kind: "Ingress"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: o.Namespace, Name: o.Name, UID: o.UID, CreationTimestamp: o.CreationTimestamp, Generation: o.Generation, Annotations: annotations,
		},
		Spec: o.Spec,
	}
	tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&c)
	if err != nil {
		return nil, fmt.Errorf("writing Ingress %s/%s: %w", o.Namespace, o.Name, err)
	}
	delete(tree, "status")
	return json.Marshal(tree)
}

// write applies an IngressTranslation. It belongs to its Ingress, and goes with it, as long as nothing serves it.
func (r *round) write(ctx context.Context, it *item, raw []byte) error {
	u := own("IngressTranslation", it.key.Namespace, it.key.Name)
	u.SetLabels(map[string]string{v1alpha1.LabelMigration: r.m.name})
	spec := map[string]any{"migration": r.m.name}
	if raw != nil {
		var tree map[string]any
		if err := json.Unmarshal(raw, &tree); err != nil {
			return fmt.Errorf("writing IngressTranslation %s: %w", it.key, err)
		}
		spec["ingress"] = tree
	} else {
		u.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: netv1.SchemeGroupVersion.String(), Kind: "Ingress", Name: it.key.Name, UID: it.cluster.UID}})
	}
	u.Object["spec"] = spec
	if err := r.applyOwn(ctx, u); err != nil {
		return fmt.Errorf("writing IngressTranslation %s: %w", it.key, err)
	}
	return nil
}

// own is an object of the operator's own API.
func own(kind, namespace, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(v1alpha1.GroupVersion().WithKind(kind))
	u.SetNamespace(namespace)
	u.SetName(name)
	return u
}

func (l *Loop) applyOwn(ctx context.Context, u *unstructured.Unstructured) error {
	return harmless(l.Direct.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(v1alpha1.ManagerStatus), client.ForceOwnership))
}

func (l *Loop) applyStatus(ctx context.Context, u *unstructured.Unstructured, status any) error {
	data, err := json.Marshal(status)
	if err != nil {
		return fmt.Errorf("writing a status: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return fmt.Errorf("writing a status: %w", err)
	}
	u.Object["status"] = tree
	return harmless(l.Direct.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(v1alpha1.ManagerStatus), client.ForceOwnership))
}

// each calls f for all Ingresses, several at a time. One that fails does not keep the others.
func (r *round) each(ctx context.Context, f func(context.Context, *item) error) error {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		errs  []error
		slots = make(chan struct{}, max(1, r.Workers))
	)
	const mostErrors = 5
	for _, it := range r.items {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := f(ctx, it); err != nil {
				mu.Lock()
				if len(errs) < mostErrors {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// forget deletes the IngressTranslations of Ingresses that are gone, when nothing serves them any more.
func (r *round) forget(ctx context.Context) error {
	mine := map[string]bool{}
	for _, it := range r.items {
		mine[it.key.String()] = true
	}
	var errs []error
	for key, t := range r.in.translations {
		if t.Spec.Migration != r.m.name || mine[key.String()] {
			continue
		}
		if r.paused() && t.Spec.Ingress != nil {
			continue // its objects are still there
		}
		errs = append(errs, r.drop(ctx, t))
	}
	return errors.Join(errs...)
}

func (l *Loop) drop(ctx context.Context, t *v1alpha1.IngressTranslation) error {
	uid, version := t.UID, t.ResourceVersion
	err := harmless(l.Direct.Delete(ctx, own("IngressTranslation", t.Namespace, t.Name), client.Preconditions{UID: &uid, ResourceVersion: &version}))
	if err != nil {
		return fmt.Errorf("deleting IngressTranslation %s/%s: %w", t.Namespace, t.Name, err)
	}
	return nil
}
