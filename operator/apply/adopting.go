package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Adoption takes over what `ingress2gw convert` wrote. Its filters, Gateways and DestinationRules serve the routes of all Ingresses that it
// read. What is taken over serves the Migration's Ingresses only: routes of others would be left without their protections. So nothing is
// taken over as long as there are such routes.
type Adoption struct {
	// Served are the Ingresses that the Migration serves on its gateways, by the namespaces of these.
	Served map[string]map[snapshot.Key]bool
	// Everywhere says that gateways are in other namespaces, too: routes of any gateway count.
	Everywhere bool
}

// annotationOrigin names the Ingresses that an object of a translation comes from, as far as there is room.
const annotationOrigin = "ingress2gw.io/origin"

// written is a VirtualService that `convert` wrote, as far as it matters who relies on it.
type written struct {
	name      string // NAMESPACE/NAME
	gateways  []string
	delegates []string // NAMESPACE/NAME
	origins   []snapshot.Key
}

// orphaned names a VirtualService that would lose what it relies on, and the Ingress that it is for; "" if there is none.
func (a *Adoption) orphaned(all []written) (name string, of snapshot.Key) {
	on := map[string]map[string]bool{} // the namespaces of gateways by VirtualService
	add := func(name, namespace string) {
		if on[name] == nil {
			on[name] = map[string]bool{}
		}
		on[name][namespace] = true
	}
	for _, w := range all {
		for _, g := range w.gateways {
			add(w.name, g)
			for _, d := range w.delegates {
				add(d, g)
			}
		}
	}
	for _, w := range all {
		for namespace := range on[w.name] {
			served, ours := a.Served[namespace]
			for _, k := range w.origins {
				if (ours || a.Everywhere) && !a.serves(served, k) {
					return w.name, k
				}
			}
		}
	}
	return "", snapshot.Key{}
}

// serves tells whether an Ingress is served by a gateway of the Migration, or by any if that is in another namespace.
func (a *Adoption) serves(on map[snapshot.Key]bool, k snapshot.Key) bool {
	if on != nil {
		return on[k]
	}
	for _, some := range a.Served {
		if some[k] {
			return true
		}
	}
	return false
}

// notYet says why nothing can be taken over now; "" if it can.
func (r *run) notYet(ctx context.Context) (string, error) {
	r.adopting.Do(func() {
		all, err := r.allWritten(ctx)
		if err != nil {
			r.orphan, r.orphanErr = "", err
			return
		}
		if name, of := r.Adopt.orphaned(all); name != "" {
			r.orphan = fmt.Sprintf("VirtualService %s, which serves Ingress %s, relies on what convert wrote: nothing of that is taken over before this Ingress is live as well, or the VirtualService deleted", name, of)
		}
	})
	return r.orphan, r.orphanErr
}

// allWritten lists the VirtualServices that `convert` wrote and nobody took over, by their names.
func (r *run) allWritten(ctx context.Context) (all []written, err error) {
	selector := labels.SelectorFromSet(labels.Set{labelManagedBy: managedBy})
	free, err := labels.NewRequirement(v1alpha1.LabelMigration, selection.DoesNotExist, nil)
	if err != nil {
		return nil, err
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "networking.istio.io", Version: "v1", Kind: "VirtualServiceList"})
	page := &client.ListOptions{LabelSelector: selector.Add(*free), Limit: 500}
	for {
		if err := r.Client.List(ctx, list, page); err != nil {
			return nil, fmt.Errorf("listing what convert wrote: %w", err)
		}
		for i := range list.Items {
			all = append(all, writtenAs(&list.Items[i]))
		}
		if page.Continue = list.GetContinue(); page.Continue == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b written) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

func writtenAs(u *unstructured.Unstructured) written {
	w := written{name: u.GetNamespace() + "/" + u.GetName()}
	gateways, _, _ := unstructured.NestedStringSlice(u.Object, "spec", "gateways")
	for _, g := range gateways {
		namespace, _, qualified := strings.Cut(g, "/")
		if !qualified {
			namespace = u.GetNamespace()
		}
		w.gateways = append(w.gateways, namespace)
	}
	routes, _, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "http")
	list, _ := routes.([]any)
	for _, x := range list {
		if name := text(x, "delegate", "name"); name != "" {
			namespace := text(x, "delegate", "namespace")
			if namespace == "" {
				namespace = u.GetNamespace()
			}
			w.delegates = append(w.delegates, namespace+"/"+name)
		}
	}
	for o := range strings.SplitSeq(u.GetAnnotations()[annotationOrigin], ", ") {
		if namespace, name, ok := strings.Cut(o, "/"); ok {
			w.origins = append(w.origins, snapshot.Key{Namespace: namespace, Name: name})
		}
	}
	return w
}
