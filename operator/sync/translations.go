package sync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// keepsSource tells whether what serves the Ingress must stay complete without it.
func (it *item) keepsSource() bool {
	return phase.Rank(it.decision.Phase) >= phase.Rank(v1alpha1.PhaseLive)
}

// remember makes the IngressTranslations, and writes into those of live Ingresses what is about to be applied: so it is known when
// the Ingress is deleted, whoever is awake then.
func (r *round) remember(ctx context.Context) error { return r.rememberSome(ctx, r.items) }

func (r *round) rememberSome(ctx context.Context, items []*item) error {
	m := &memory{r: r, items: items}
	m.err = r.each(ctx, items, func(ctx context.Context, it *item) error {
		raw, due, err := m.due(it)
		if err != nil || !due {
			return err
		}
		return m.writeOne(ctx, it, raw)
	})
	return m.note()
}

// memory is what some Ingresses say, on its way into their IngressTranslations.
type memory struct {
	r       *round
	items   []*item
	waiting []*item  // copies of those that are to be written
	raws    [][]byte // what they say
	written sync.Map // versions by key
	refused sync.Map // errors by key
	err     error
}

// recall looks what of some Ingresses is to be written.
func (r *round) recall(items []*item) (*memory, error) {
	m := &memory{r: r, items: items}
	for _, it := range items {
		raw, due, err := m.due(it)
		if err != nil {
			return nil, err
		}
		if due {
			x := *it // the loop goes on
			m.waiting, m.raws = append(m.waiting, &x), append(m.raws, raw)
		}
	}
	return m, nil
}

// write writes it. It may be called while the loop goes on.
func (m *memory) write(ctx context.Context) {
	raws := make(map[*item][]byte, len(m.waiting))
	for i, it := range m.waiting {
		raws[it] = m.raws[i]
	}
	m.err = m.r.each(ctx, m.waiting, func(ctx context.Context, it *item) error { return m.writeOne(ctx, it, raws[it]) })
}

// due tells what an IngressTranslation is to remember, and whether it has to be written for that.
func (m *memory) due(it *item) (raw []byte, due bool, err error) {
	switch r := m.r; {
	case it.gone:
		return nil, false, nil // nothing to add
	case it.keepsSource() && it.suspended && it.it != nil && it.it.Spec.Ingress != nil:
		raw = it.it.Spec.Ingress.Raw
	case it.keepsSource() && it.it != nil && it.it.Spec.Ingress != nil && r.m.written[it.key] == it.version:
		return nil, false, nil
	case it.keepsSource():
		if raw, err = essence(it.cluster); err != nil {
			return nil, false, err
		}
	}
	if it.it != nil && it.remembered(it.it, m.r.m.name, raw) {
		m.written.Store(it.key, it.version)
		return nil, false, nil
	}
	return raw, true, nil
}

func (m *memory) writeOne(ctx context.Context, it *item, raw []byte) error {
	switch err := m.r.write(ctx, it, raw); {
	case err == nil:
		m.written.Store(it.key, it.version)
	case !refuses(err):
		return err
	default:
		m.refused.Store(it.key, err)
	}
	return nil
}

// note goes on with what became of it.
func (m *memory) note() error {
	r, err, again := m.r, m.err, false
	for _, it := range m.items {
		if x, ok := m.refused.Load(it.key); ok {
			why, _ := x.(error)
			r.tellRefused(it, why)
			again = again || it.refused == ""
			r.m.refused(it, versionOf(it.cluster), why)
		} else if it.refused == "" {
			delete(r.m.refusals, it.key)
		}
		if v, ok := m.written.Load(it.key); ok {
			r.m.written[it.key], _ = v.(string)
		}
	}
	if again {
		err = errors.Join(err, errRefused)
	}
	return err
}

// raw is what the IngressTranslation of an Ingress that is there, and is not suspended, is to remember of it.
func (it *item) raw() ([]byte, error) {
	if !it.keepsSource() {
		return nil, nil
	}
	return essence(it.cluster)
}

// remembered tells whether an IngressTranslation says what it is to say.
func (it *item) remembered(t *v1alpha1.IngressTranslation, migration string, raw []byte) bool {
	return t.Spec.Migration == migration && sameRaw(t.Spec.Ingress, raw) && hasOwner(t, it.cluster) == (raw == nil)
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

// write makes an IngressTranslation, or changes it. It belongs to its Ingress, and goes with it, as long as nothing serves it.
func (r *round) write(ctx context.Context, it *item, raw []byte) error {
	owners := []metav1.OwnerReference{}
	if raw == nil {
		owners = append(owners, metav1.OwnerReference{APIVersion: netv1.SchemeGroupVersion.String(), Kind: "Ingress", Name: it.key.Name, UID: it.cluster.UID})
	}
	spec := translationSpec{r.m.name, raw}
	var err error
	if it.it != nil {
		err = r.amend(ctx, it, spec, owners)
	}
	if it.it == nil || apierrors.IsNotFound(err) {
		err = r.begin(ctx, it, spec, owners)
	}
	if apierrors.IsAlreadyExists(err) { // the cache does not know yet
		err = r.amend(ctx, it, spec, owners)
	}
	if err = harmless(err); err != nil {
		return fmt.Errorf("writing IngressTranslation %s: %w", it.key, err)
	}
	return nil
}

type translationSpec struct {
	Migration string          `json:"migration"`
	Ingress   json.RawMessage `json:"ingress,omitempty"`
}

// own names an object of the operator's own API.
func own(kind, namespace, name string) apply.Ref {
	return apply.Ref{APIVersion: v1alpha1.GroupVersion().String(), Kind: kind, Namespace: namespace, Name: name}
}

func translationRef(key snapshot.Key) apply.Ref {
	return own("IngressTranslation", key.Namespace, key.Name)
}

// begin makes an IngressTranslation.
func (r *round) begin(ctx context.Context, it *item, spec translationSpec, owners []metav1.OwnerReference) error {
	ref := translationRef(it.key)
	body, err := json.Marshal(map[string]any{
		"apiVersion": ref.APIVersion, "kind": ref.Kind, "spec": spec,
		"metadata": map[string]any{
			"namespace": ref.Namespace, "name": ref.Name, "ownerReferences": owners, "labels": map[string]string{v1alpha1.LabelMigration: r.m.name},
		},
	})
	if err != nil {
		return err
	}
	_, err = r.Direct.Do(ctx, apply.Write{Ref: ref, Body: body, Manager: v1alpha1.ManagerStatus})
	return err
}

// amend changes an IngressTranslation. What it remembers is replaced: nothing of an Ingress as it was before may be left in it.
func (r *round) amend(ctx context.Context, it *item, spec translationSpec, owners []metav1.OwnerReference) error {
	type operation struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	patch := []operation{{"add", "/spec", spec}}
	if it.it == nil || hasOwner(it.it, it.cluster) != (len(owners) > 0) {
		patch = append(patch, operation{"add", "/metadata/ownerReferences", owners})
	}
	switch {
	case it.it == nil || len(it.it.Labels) == 0:
		patch = append(patch, operation{"add", "/metadata/labels", map[string]string{v1alpha1.LabelMigration: r.m.name}})
	case it.it.Labels[v1alpha1.LabelMigration] != r.m.name:
		patch = append(patch, operation{"add", "/metadata/labels/" + strings.ReplaceAll(v1alpha1.LabelMigration, "/", "~1"), r.m.name})
	}
	body, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	_, err = r.Direct.Do(ctx, apply.Write{Ref: translationRef(it.key), Body: body, Manager: v1alpha1.ManagerStatus, Patch: types.JSONPatchType})
	return err
}

// applyStatus writes the status of an object of the operator's own API, and gives the object's version after it: "" if it is gone.
func (l *Loop) applyStatus(ctx context.Context, ref apply.Ref, status any) (string, error) {
	metadata := map[string]string{"name": ref.Name}
	if ref.Namespace != "" {
		metadata["namespace"] = ref.Namespace
	}
	body, err := json.Marshal(map[string]any{"apiVersion": ref.APIVersion, "kind": ref.Kind, "metadata": metadata, "status": status})
	if err != nil {
		return "", fmt.Errorf("writing a status: %w", err)
	}
	o, err := l.Direct.Do(ctx, apply.Write{Ref: ref, Body: body, Manager: v1alpha1.ManagerStatus, Patch: types.ApplyPatchType, Status: true, Force: true})
	if err != nil {
		return "", harmless(err)
	}
	return o.ResourceVersion, nil
}

// each calls f for some Ingresses, several at a time. One that fails does not keep the others.
func (r *round) each(ctx context.Context, items []*item, f func(context.Context, *item) error) error {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		errs  []error
		slots = make(chan struct{}, max(1, r.Workers))
	)
	const mostErrors = 5
	for _, it := range items {
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
	err := harmless(l.Direct.Delete(ctx, &v1alpha1.IngressTranslation{ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, Name: t.Name}}, client.Preconditions{UID: &uid, ResourceVersion: &version}))
	if err != nil {
		return fmt.Errorf("deleting IngressTranslation %s/%s: %w", t.Namespace, t.Name, err)
	}
	return nil
}
